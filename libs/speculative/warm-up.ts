// Before its first proposal a source reads the prompt, while the target does.
import type { Proposer, Sequence } from './round.js';

/** A source that knows no warm-up proposes one token, which is thrown away. */
export async function warmUp(proposer: Proposer, sequence: Sequence, signal: AbortSignal): Promise<void> {
  if (proposer.warmUp !== undefined) await proposer.warmUp(sequence, signal);
  else await proposer.propose(sequence, { maxTokens: 1, minConfidence: 0 }, signal);
}
