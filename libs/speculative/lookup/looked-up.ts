// A continuation as a proposer's answer.
import { deterministicProposal, EMPTY_PROPOSAL } from '#libs/sampling/index.js';
import type { TimedProposal } from '../round.js';
import type { Continuation } from './continuation.js';

/** @param startMs When the search began, by the thread's clock. */
export function lookedUp({ tokens, confidences }: Continuation, startMs: number): TimedProposal {
  return {
    proposal: tokens.length === 0 ? EMPTY_PROPOSAL : deterministicProposal(tokens),
    computeMs: performance.now() - startMs,
    confidences,
  };
}
