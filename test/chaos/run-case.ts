// One case: a stream, a fault in it, and whether the client saw what it was promised.
import type OpenAI from 'openai';
import { type ChatAnswer, streamedChat, userSays } from '../support/chat.js';
import type { Case, Phase, Strike } from './fault.js';
import type { FaultyTopology } from './faulty-topology.js';

const MAX_TOKENS = 48;
/** After sending: the prompt of some 40 tokens is being read. */
const PREFILL_MS = 15;
/** Part of the text that has come by then, in the order in which it comes. */
const TEXT_SHARE = { 'first round': 0, midway: 0.5, 'last round': 0.95 };
const STORY = userSays('Write a story about a lighthouse keeper and a whale.');
const SAMPLING = { greedy: { temperature: 0 }, seeded: { temperature: 0.8, seed: 7 } } as const;

export interface Outcome {
  readonly case: Case;
  /** Undefined: the promise was kept. */
  readonly broken: string | undefined;
  readonly failovers: number;
  readonly draftFailures: number;
  /** Longest wait for a piece of text, in milliseconds: what a reader notices. */
  readonly longestGapMs: number;
}

/** The undisturbed answer. */
export function undisturbed(client: OpenAI, sampling: Case['sampling']): Promise<ChatAnswer> {
  return streamedChat(client, STORY, {
    ...SAMPLING[sampling],
    sessionId: `undisturbed-${sampling}`,
    maxTokens: MAX_TOKENS,
  });
}

/** @param sessionId Of this case alone. */
export async function runCase(
  topology: FaultyTopology,
  client: OpenAI,
  each: Case,
  sessionId: string,
  expected: ChatAnswer,
): Promise<Outcome> {
  const strikes = await Promise.all(each.strikes.map((strike) => armed(topology, strike, sessionId)));
  const struck: Promise<unknown>[] = [];
  const strikeAt = (phase: Phase) => {
    for (const strike of strikes.filter((strike) => strike.phase === phase)) struck.push(strike.now());
  };
  const ahead = Object.entries(TEXT_SHARE) as [Phase, number][];
  let last = performance.now();
  let longestGapMs = 0;
  const onPiece = (_index: number, text: string) => {
    const now = performance.now();
    longestGapMs = Math.max(longestGapMs, now - last);
    last = now;
    while (ahead[0] !== undefined && text.length >= ahead[0][1] * expected.text.length)
      strikeAt(ahead.shift()![0]);
  };
  strikeAt('queued');
  const options = { ...SAMPLING[each.sampling], sessionId, maxTokens: MAX_TOKENS };
  const running = streamedChat(client, STORY, options, onPiece);
  const timer = setTimeout(() => strikeAt('prefill'), PREFILL_MS);
  const outcome = { case: each, failovers: 0, draftFailures: 0 };
  try {
    const answer = await running;
    const { draft_failures: draftFailures, failovers } = answer.metrics.outrider;
    const unstruck = strikes.length - struck.length;
    const broken = unstruck > 0 ? `${unstruck} faults never struck` : difference(answer, expected);
    return { ...outcome, broken, failovers, draftFailures, longestGapMs };
  } catch (error) {
    return { ...outcome, broken: `no answer: ${(error as Error).message}`, longestGapMs };
  } finally {
    clearTimeout(timer);
    await Promise.all(struck);
  }
}

function difference(answer: ChatAnswer, expected: ChatAnswer): string | undefined {
  if (answer.text !== expected.text) return `another text: ${JSON.stringify(answer.text)}`;
  if (answer.finishReason !== expected.finishReason) return `ended with ${answer.finishReason}`;
  const { completion_tokens: counted } = answer.usage;
  if (counted !== expected.usage.completion_tokens) return `${counted} tokens counted`;
  return undefined;
}

/** A strike with its victim chosen, before anything goes wrong. */
async function armed(topology: FaultyTopology, { target, fault, phase }: Strike, sessionId: string) {
  const { redis, redisLink } = topology;
  if (target === 'redis') {
    const { kill, empty, freeze } = redis;
    const now = async () => (fault.kind === 'kill' ? kill() : fault.kind === 'freeze' ? freeze() : empty());
    return { phase, now };
  }
  const role = target.endsWith('draft') ? 'draft' : 'verifier';
  const { process, link } =
    target === 'link to redis' ? { link: redisLink } : await topology.workerOf(sessionId, role);
  const now = async () => {
    if (fault.kind === 'link') link.set(fault.link);
    else if (fault.kind === 'freeze') process?.freeze();
    else await process?.end(fault.kind === 'kill' ? 'SIGKILL' : 'SIGTERM');
  };
  return { phase, now };
}
