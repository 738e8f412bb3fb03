// What a round's load says.
import type { TargetLoad } from '../round.js';

/** Sessions from which on a target is shared: below, the rounds of one alone tell more. */
export const SHARED = 1.3;

/** Forwards of the same kind that the round has waited for, its own included. */
export function forwardsOf({ computeMs, waitMs = 0 }: TargetLoad): number {
  return computeMs > 0 ? 1 + waitMs / computeMs : 1;
}

/** Tokens of prompts in the round's forward: rounds have as many rows of logits as tokens, a piece of a prompt has none. */
export function promptTokensOf({
  batchSize = 1,
  batchTokens = 1,
  batchRows = batchTokens,
}: TargetLoad): number {
  return batchSize > 1 ? Math.max(0, batchTokens - batchRows) : 0;
}
