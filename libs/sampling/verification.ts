// What a verification rule judges. The rules themselves: rejection.ts (ratio), block.ts, coupled.ts.
import type { Distribution } from './distribution.js';
import type { SamplingParams } from './params.js';
import type { Proposal, Verdict } from './proposal.js';
import type { RoundRandom } from './random.js';

export interface VerificationInput {
  /**
   * The target's law p at position firstPosition + i, for i = 0 … gamma. Asked for in order, row i only if the rows
   * before it give each of drafted[0 … i − 1] a probability, and done with before the next is asked for.
   */
  readonly row: (i: number) => Distribution;
  /** Valid (see validateProposal). */
  readonly proposal: Proposal;
  /** Position of the first drafted token: the number of committed tokens. */
  readonly firstPosition: number;
  /** Of the request: which rule judges, and the key of its noise. */
  readonly sampling: Pick<SamplingParams, 'seed' | 'verification'>;
  /** keyedRandom(seed, firstPosition). */
  readonly random: RoundRandom;
}

/** A pure function: the same input gives the same verdict; p and q are only read. */
export type VerificationRule = (input: VerificationInput) => Verdict;
