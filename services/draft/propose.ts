// One proposal: brings the slot to the caller's tokens, then drafts one token after the other. This is where the engine
// meets sampling. The law q that is sent is exactly the law each token was drawn from (architecture.md, F).
import type { Engine } from '#libs/engine/index.js';
import type { ProposeRequest } from '#libs/rpc/index.js';
import {
  argmax,
  type Distribution,
  deterministicProposal,
  draftDistribution,
  keyedRandom,
  type Proposal,
  Purpose,
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
  const slot = slots.acquire({ ...call, key: call.sessionId, room: call.maxTokens });
  const firstPosition = slot.tokens.length;
  const random = keyedRandom(call.sampling.seed, firstPosition);
  const maxTokens = Math.min(call.maxTokens, model.contextLength - firstPosition);
  const tokens: number[] = [];
  const laws: Distribution[] = [];
  while (tokens.length < maxTokens) {
    const logits = await model.advance(slot.cache, slot.tokens.slice(slot.cache.length), 1, signal);
    const drawn = draw(logits, call.sampling, head, () => random(slot.tokens.length, Purpose.DRAFT));
    tokens.push(drawn.token);
    slot.tokens.push(drawn.token);
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
