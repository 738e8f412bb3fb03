// One proposal: brings the slot to the caller's tokens, then drafts one token after the other. This is where the engine
// meets sampling. The law q that is sent is exactly the law each token was drawn from (architecture.md, F).
import type { Engine } from '#libs/engine/index.js';
import type { ProposeRequest } from '#libs/rpc/index.js';
import {
  argmax,
  changesLogits,
  type Distribution,
  deterministicProposal,
  draftDistribution,
  History,
  keyedRandom,
  NothingAllowedError,
  type Proposal,
  Purpose,
  processLogits,
  rawProbability,
  type SamplingParams,
  sampledProposal,
  sampleFrom,
} from '#libs/sampling/index.js';
import type { Head } from './head.js';

export type ProposeCall = Omit<ProposeRequest, 'round' | 'vocabularyFingerprint'>;

export interface ProposeResult {
  readonly proposal: Proposal;
  /** Milliseconds in this function: all of it is drafting. */
  readonly computeMs: number;
}

export async function propose(
  { model, slots }: Engine,
  head: Head,
  call: ProposeCall,
  signal: AbortSignal,
): Promise<ProposeResult> {
  const startMs = performance.now();
  const slot = slots.acquire({ ...call, key: call.sessionId, salt: call.cacheSalt, room: call.maxTokens });
  const firstPosition = slot.tokens.length;
  const random = keyedRandom(call.sampling.seed, firstPosition);
  const maxTokens = Math.min(call.maxTokens, model.contextLength - firstPosition);
  const history = changesLogits(call.sampling) ? new History(slot.tokens, call.promptLength) : undefined;
  const processed = (logits: Float32Array) => processedRow(logits, call.sampling, history, head);
  const tokens: number[] = [];
  const laws: Distribution[] = [];
  while (tokens.length < maxTokens) {
    const logits = await model.advance(slot.cache, slot.tokens.slice(slot.cache.length), 1, signal);
    const row = processed(logits);
    // Nothing that is allowed is in this head: the target decides alone.
    if (row === undefined) break;
    const drawn = draw(row, call.sampling, head, () => random(slot.tokens.length, Purpose.DRAFT));
    tokens.push(drawn.token);
    slot.tokens.push(drawn.token);
    history?.push(drawn.token);
    if (drawn.law !== undefined) laws.push(drawn.law);
    // Stops AFTER the doubtful token: dropping what was already drawn would bias the output.
    if (call.minConfidence > 0 && rawProbability(logits, head.rowOf(drawn.token)) < call.minConfidence) break;
  }
  const proposal =
    call.sampling.temperature === 0 ? deterministicProposal(tokens) : sampledProposal(tokens, laws);
  return { proposal, computeMs: performance.now() - startMs };
}

/** The next token; greedy requests draft the certain choice, so they carry no law. */
function draw(
  logits: Float32Array,
  sampling: SamplingParams,
  head: Head,
  coin: () => number,
): { readonly token: number; readonly law?: Distribution } {
  if (sampling.temperature === 0) return { token: head.tokenOf(argmax(logits)) };
  const law = draftDistribution(logits, sampling, head.tokenIds);
  return { token: sampleFrom(law, coin()), law };
}

/** The row after bias, forbidden tokens and penalties; undefined if they forbid all that this head can draft. */
function processedRow(
  logits: Float32Array,
  sampling: SamplingParams,
  history: History | undefined,
  head: Head,
): Float32Array | undefined {
  if (history === undefined) return logits;
  try {
    return processLogits(logits, sampling, history, { rowOf: (token) => head.rowOf(token) });
  } catch (error) {
    if (error instanceof NothingAllowedError) return undefined;
    throw error;
  }
}
