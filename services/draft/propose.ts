// One proposal: brings the slot to the caller's tokens, then drafts one token after the other. This is where the engine
// meets sampling. The law q that is sent is exactly the law each token was drawn from (architecture.md, F).
import type { Engine } from '#libs/engine/index.js';
import type { ProposeRequest } from '#libs/rpc/index.js';
import {
  changesLogits,
  type Distribution,
  deterministicProposal,
  draftDistribution,
  drawDraft,
  History,
  keyedRandom,
  NothingAllowedError,
  type Proposal,
  processLogits,
  rawProbability,
  type SamplingParams,
  sampledProposal,
  sendsLaws,
} from '#libs/sampling/index.js';
import type { Head } from './head.js';

export type ProposeCall = Omit<ProposeRequest, 'round' | 'vocabularyFingerprint'>;

export interface ProposeResult {
  readonly proposal: Proposal;
  /** Milliseconds in this function: all of it is drafting. */
  readonly computeMs: number;
  /** Raw probability of each drafted token. */
  readonly confidences: readonly number[];
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
  const confidences: number[] = [];
  let reach = 1;
  while (tokens.length < maxTokens) {
    const logits = await model.advance(slot.cache, slot.tokens.slice(slot.cache.length), 1, signal);
    const row = processed(logits);
    // Nothing that is allowed is in this head: the target decides alone.
    if (row === undefined) break;
    const law = draftDistribution(row, call.sampling, head.tokenIds);
    const token = drawDraft(law, call.sampling, slot.tokens.length, random);
    tokens.push(token);
    slot.tokens.push(token);
    history?.push(token);
    laws.push(law);
    const confidence = rawProbability(logits, head.rowOf(token));
    confidences.push(confidence);
    reach *= confidence;
    // Stops AFTER the doubtful token: dropping what was already drawn would bias the output.
    if (confidence < call.minConfidence || reach < (call.minReach ?? 0)) break;
  }
  const proposal = sendsLaws(call.sampling) ? sampledProposal(tokens, laws) : deterministicProposal(tokens);
  return { proposal, computeMs: performance.now() - startMs, confidences };
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
