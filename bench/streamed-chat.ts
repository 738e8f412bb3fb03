// One chat request over HTTP and SSE, timed as a client sees it.

export interface ChatSettings {
  readonly url: string;
  readonly model: string;
  readonly maxTokens: number;
  readonly temperature: number;
  readonly speculation: object;
  readonly sessionId: string;
  readonly apiKey?: string;
  /** Any other field of the request. */
  readonly [field: string]: unknown;
}

/** The gateway's `metrics.outrider`: sums over all rounds of the request, in milliseconds. */
export interface RoundSums {
  readonly rounds: number;
  readonly draft_ms: number;
  readonly verify_ms: number;
  readonly draft_compute_ms: number;
  readonly verify_compute_ms: number;
  readonly total_ms: number;
  readonly prefill_ms: number;
  /** Sequences that shared a forward. */
  readonly mean_batch_size: number;
  readonly draft_failures: number;
  readonly drafted_ahead: number;
}

export interface ChatTiming {
  readonly text: string;
  readonly completionTokens: number;
  readonly promptTokens: number;
  /** From sending the request to the first piece of text. */
  readonly firstMs: number;
  /** From the first piece of text to the last. */
  readonly decodeMs: number;
  readonly rounds: RoundSums;
  readonly drafted: number;
  readonly accepted: number;
}

export interface Message {
  readonly role: 'user' | 'assistant';
  readonly content: string;
}

export async function streamedChat(
  prompt: string | readonly Message[],
  settings: ChatSettings,
): Promise<ChatTiming> {
  const { url, maxTokens, sessionId, apiKey, ...fields } = settings;
  const startMs = performance.now();
  const response = await fetch(`${url}/v1/chat/completions`, {
    method: 'POST',
    headers: {
      'content-type': 'application/json',
      ...(apiKey !== undefined && { authorization: `Bearer ${apiKey}` }),
    },
    body: JSON.stringify({
      messages: typeof prompt === 'string' ? [{ role: 'user', content: prompt }] : prompt,
      max_tokens: maxTokens,
      stream: true,
      stream_options: { include_usage: true },
      session_id: sessionId,
      ...fields,
    }),
  });
  if (!response.ok || response.body === null)
    throw new Error(`HTTP ${response.status}: ${await response.text()}`);
  let text = '';
  let firstMs: number | undefined;
  let lastMs = startMs;
  let summary: SummaryChunk | undefined;
  for await (const data of sseData(response.body)) {
    const chunk = JSON.parse(data);
    if (chunk.error !== undefined) throw new Error(chunk.error.message);
    if (chunk.usage) summary = chunk;
    const piece: string = chunk.choices[0]?.delta?.content ?? '';
    if (piece === '') continue;
    text += piece;
    lastMs = performance.now();
    firstMs ??= lastMs;
  }
  if (summary === undefined) throw new Error('The stream ended without usage.');
  const speculative = summary.metrics.speculative_decoding;
  return {
    text,
    completionTokens: summary.usage.completion_tokens,
    promptTokens: summary.usage.prompt_tokens,
    firstMs: (firstMs ?? lastMs) - startMs,
    decodeMs: lastMs - (firstMs ?? lastMs),
    rounds: summary.metrics.outrider,
    drafted: speculative.num_draft_tokens,
    accepted: speculative.num_accepted_draft_tokens,
  };
}

interface SummaryChunk {
  readonly usage: { readonly completion_tokens: number; readonly prompt_tokens: number };
  readonly metrics: {
    readonly speculative_decoding: {
      readonly num_draft_tokens: number;
      readonly num_accepted_draft_tokens: number;
    };
    readonly outrider: RoundSums;
  };
}

async function* sseData(body: AsyncIterable<Uint8Array>): AsyncGenerator<string> {
  const decoder = new TextDecoder();
  let buffered = '';
  for await (const bytes of body) {
    buffered += decoder.decode(bytes, { stream: true });
    const events = buffered.split('\n\n');
    buffered = events.pop()!;
    for (const event of events)
      if (event.startsWith('data: ') && event !== 'data: [DONE]') yield event.slice('data: '.length);
  }
}
