// One case: a stream, a fault in it, and whether the client saw what it was promised.
import type OpenAI from 'openai';
import { type ChatAnswer, openAiClient, streamedChat, userSays } from '../support/chat.js';
import type { ServiceProcess } from '../support/service-process.js';
import type { Case, Fault, Phase, Strike } from './fault.js';
import type { FaultyTopology } from './faulty-topology.js';
import { persistentChat } from './persistent-chat.js';

const MAX_TOKENS = 48;
/** Rounds that the verifier had made, or was making, and that nobody had written down: two of the longest there are. */
const MAX_TOKENS_UNDER_WAY = 2 * 17;
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
  each: Case,
  sessionId: string,
  expected: ChatAnswer,
): Promise<Outcome> {
  const strikes = await Promise.all(each.strikes.map((strike) => armed(topology, strike, sessionId)));
  const isKeyed = each.strikes.some(({ target }) => target === 'gateway');
  const before = await topology.generatedTokens();
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
  const urls = topology.gateways.map(({ url }) => url);
  const running = isKeyed
    ? persistentChat(STORY, { ...options, urls, idempotencyKey: sessionId }, onPiece)
    : streamedChat(openAiClient(urls[0]!), STORY, options, onPiece);
  const timer = setTimeout(() => strikeAt('prefill'), PREFILL_MS);
  const outcome = { case: each, failovers: 0, draftFailures: 0 };
  try {
    const answer = await running;
    const { draft_failures: draftFailures, failovers } = answer.metrics.outrider;
    const unstruck = strikes.length - struck.length;
    const twice = isGatewayKilled(each) && (await topology.generatedTokens()) - before - MAX_TOKENS;
    const broken =
      unstruck > 0 ? `${unstruck} faults never struck` : (difference(answer, expected) ?? repeated(twice));
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

/** A killed gateway's connections are closed by its kernel: the verifier stops within a round. */
function isGatewayKilled({ strikes: [strike, ...others] }: Case): boolean {
  return strike!.target === 'gateway' && strike!.fault.kind === 'kill' && others.length === 0;
}

function repeated(tokens: number | false): string | undefined {
  if (tokens === false || tokens <= MAX_TOKENS_UNDER_WAY) return undefined;
  return `${tokens} tokens were generated twice`;
}

/** A strike with its victim chosen, before anything goes wrong. */
async function armed(topology: FaultyTopology, { target, fault, phase }: Strike, sessionId: string) {
  const { redis, redisLink } = topology;
  if (target === 'gateway') {
    const [gateway] = topology.gateways as [ServiceProcess];
    return { phase, now: () => strikeProcess(gateway, fault) };
  }
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
    else if (process !== undefined) await strikeProcess(process, fault);
  };
  return { phase, now };
}

async function strikeProcess(process: ServiceProcess, { kind }: Fault): Promise<void> {
  if (kind === 'freeze') process.freeze();
  else await process.end(kind === 'kill' ? 'SIGKILL' : 'SIGTERM');
}
