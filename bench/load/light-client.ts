// A streaming chat client that costs little: it shares the machine with what it measures. It notes when pieces come and
// parses the last chunk only.
import { type Agent, type IncomingMessage, request } from 'node:http';
import type { RoundSums } from '../streamed-chat.js';
import type { MixedRequest } from './prompt-mix.js';

export interface ClientTarget {
  readonly url: string;
  readonly model: string;
  readonly agent: Agent;
  readonly speculation: object;
  /** What others have asked is in no cache for this one. */
  readonly cacheSalt: string;
}

/** Told of each piece of text as it comes. */
export type OnPiece = (atMs: number) => void;

export type ChatEnd =
  | { readonly kind: 'finished'; readonly tokens: number; readonly sums: RoundSums }
  | { readonly kind: 'refused'; readonly status: number; readonly retryAfterMs: number }
  | { readonly kind: 'failed'; readonly reason: string };

/** What the gateway says under load without anything being wrong with it. */
const REFUSALS: ReadonlySet<number> = new Set([429, 503]);

/** Never rejects; an aborted request has failed. */
export function chat(
  target: ClientTarget,
  asked: MixedRequest,
  sessionId: string,
  onPiece: OnPiece,
  signal: AbortSignal,
): Promise<ChatEnd> {
  const body = JSON.stringify({
    model: target.model,
    messages: [
      ...(asked.system === undefined ? [] : [{ role: 'system', content: asked.system }]),
      { role: 'user', content: asked.text },
    ],
    max_tokens: asked.maxTokens,
    temperature: asked.temperature,
    stream: true,
    stream_options: { include_usage: true },
    session_id: sessionId,
    cache_salt: target.cacheSalt,
    speculation: target.speculation,
  });
  return new Promise((resolve) => {
    const fail = (error: Error) => resolve({ kind: 'failed', reason: error.message });
    const sent = request(
      `${target.url}/v1/chat/completions`,
      {
        method: 'POST',
        agent: target.agent,
        signal,
        headers: { 'content-type': 'application/json', 'content-length': Buffer.byteLength(body) },
      },
      (response) => {
        response.once('error', fail);
        read(response, onPiece).then(resolve, fail);
      },
    );
    sent.once('error', fail);
    sent.end(body);
  });
}

async function read(response: IncomingMessage, onPiece: OnPiece): Promise<ChatEnd> {
  const status = response.statusCode ?? 0;
  if (status !== 200) {
    let text = '';
    for await (const bytes of response) text += bytes;
    if (!REFUSALS.has(status)) return { kind: 'failed', reason: `HTTP ${status}: ${text}` };
    return { kind: 'refused', status, retryAfterMs: 1000 * Number(response.headers['retry-after'] ?? 1) };
  }
  response.setEncoding('utf8');
  let tail = '';
  for await (const text of response as AsyncIterable<string>) {
    const atMs = performance.now();
    tail += text;
    const end = tail.lastIndexOf('\n\n');
    if (end < 0) continue;
    if (hasText(tail)) onPiece(atMs);
    if (tail.includes('data: [DONE]')) return summary(tail);
    tail = tail.slice(end + 2);
  }
  return { kind: 'failed', reason: `The stream ended early: ${tail.slice(0, 200)}` };
}

/** The opening chunk has an empty content, and the summary none. */
function hasText(frames: string): boolean {
  return /"content":"[^"]/.test(frames);
}

function summary(frames: string): ChatEnd {
  const last = frames.split('\n\n').findLast((frame) => frame.includes('"metrics"'));
  if (last === undefined) return { kind: 'failed', reason: 'The stream ended without a summary.' };
  const { usage, metrics } = JSON.parse(last.slice('data: '.length));
  return { kind: 'finished', tokens: usage.completion_tokens, sums: metrics.outrider };
}
