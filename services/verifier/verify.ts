// One verification: brings the slot to the caller's tokens, runs ONE forward over what the cache lacks and the drafted
// tokens, and lets the rejection rule judge. An empty proposal is plain decoding, and a prompt's prefill too.
import type { Engine } from '#libs/engine/index.js';
import {
  keyedRandom,
  type Proposal,
  type SamplingParams,
  toDistribution,
  type Verdict,
  verifyProposal,
} from '#libs/sampling/index.js';

export interface VerifyCall {
  readonly slotKey: string;
  readonly prefixLength: number;
  readonly tokens: readonly number[];
  readonly sampling: SamplingParams;
  /** Valid: its tokens lie in the vocabulary. */
  readonly proposal: Proposal;
}

export interface VerifyResult {
  readonly verdict: Verdict;
  /** Milliseconds of the forward alone. */
  readonly computeMs: number;
  readonly cachedTokens: number;
}

export async function verify(
  { model, slots }: Engine,
  scratch: Float64Array,
  call: VerifyCall,
  signal: AbortSignal,
): Promise<VerifyResult> {
  const { proposal, sampling } = call;
  const gamma = proposal.tokens.length;
  const slot = slots.acquire({ ...call, key: call.slotKey, room: gamma + 1 });
  const firstPosition = slot.tokens.length;
  const cachedTokens = slot.cache.length;

  const startMs = performance.now();
  const pending = [...slot.tokens.slice(cachedTokens), ...proposal.tokens];
  const logits = await model.advance(slot.cache, pending, gamma + 1, signal);
  const computeMs = performance.now() - startMs;

  const vocabSize = model.headSize;
  const verdict = verifyProposal({
    row: (i) => toDistribution(logits.subarray(i * vocabSize, (i + 1) * vocabSize), sampling, i, scratch),
    proposal,
    firstPosition,
    random: keyedRandom(sampling.seed, firstPosition),
  });

  slot.cache.truncate(firstPosition + verdict.acceptedCount);
  slot.tokens.push(...proposal.tokens.subarray(0, verdict.acceptedCount), verdict.finalToken);
  return { verdict, computeMs, cachedTokens };
}
