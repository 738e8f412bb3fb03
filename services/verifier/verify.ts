// One verification: brings the slot to the sequence's tokens, runs ONE forward over what the cache lacks and the drafted
// tokens, and lets the rejection rule judge. An empty proposal is plain decoding, and a prompt's prefill too.
import type { Engine } from '#libs/engine/index.js';
import { keyedRandom, type Proposal, toDistribution, verifyProposal } from '#libs/sampling/index.js';
import type { Sequence, TimedVerdict } from '#libs/speculative/index.js';

export interface Target extends Engine {
  /** Where a dense row's law is computed. [vocabSize] */
  readonly scratch: Float64Array;
}

/** @param proposal Valid: its tokens lie in the vocabulary. */
export async function verify(
  { model, slots, scratch }: Target,
  { sessionId, tokens, sampling }: Sequence,
  proposal: Proposal,
  signal: AbortSignal,
): Promise<TimedVerdict> {
  const gamma = proposal.tokens.length;
  const slot = slots.acquire({ key: sessionId, prefixLength: 0, tokens, room: gamma + 1 });
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
