// Drafts what followed the text's last tokens in answers that were given before (SuffixDecoding, arXiv 2411.04975): for
// questions asked again, agents in a loop, and turns of a session that are no longer in the prompt.
import type { DraftPlan, Proposer, Sequence, TimedProposal } from '../round.js';
import { continuation } from './continuation.js';
import { lookedUp } from './looked-up.js';
import { MOST_LENGTH } from './occurrences.js';
import type { PastOutputs } from './past-outputs.js';

export class SuffixLookup implements Proposer {
  constructor(private readonly past: PastOutputs) {}

  /** The outputs were entered when they were made. */
  async warmUp(): Promise<void> {}

  /** An empty proposal when nothing matches. */
  async propose({ tokens, cacheSalt = '' }: Sequence, plan: DraftPlan): Promise<TimedProposal> {
    const startMs = performance.now();
    const found = this.past.find(cacheSalt, tokens.slice(-MOST_LENGTH));
    return lookedUp(continuation(found, plan), startMs);
  }
}
