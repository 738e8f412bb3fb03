// One proposal: brings the slot to the caller's tokens, then drafts one token after the other
// (libs/speculative/draft-tokens.ts).
import type { Engine } from '#libs/engine/index.js';
import type { ProposeRequest } from '#libs/rpc/index.js';
import type { SamplingParams } from '#libs/sampling/index.js';
import { type DraftedTokens, draftTokens } from '#libs/speculative/index.js';
import type { Head } from './head.js';

export type ProposeCall = Omit<ProposeRequest, 'round' | 'vocabularyFingerprint'> & {
  readonly sampling: SamplingParams;
};

export interface ProposeResult extends DraftedTokens {
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
  const { tokens, cache } = slot;
  const maxTokens = Math.min(call.maxTokens, model.contextLength - tokens.length);
  const nextLogits = () => model.advance(cache, tokens.slice(cache.length), 1, signal);
  const drafted = await draftTokens({ ...call, tokens, maxTokens, head, nextLogits }, signal);
  return { ...drafted, computeMs: performance.now() - startMs };
}
