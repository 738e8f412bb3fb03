// What a draft hands to the verifier, and what the verifier answers.
import { type Distribution, distributionOf, oneHot } from './distribution.js';

/** How the draft chose its tokens: it decides which law q the rejection rule divides by. */
export type ProposalMode = 'sampled' | 'deterministic';

export interface Proposal {
  readonly mode: ProposalMode;
  /** Drafted token ids, in order; empty means plain decoding. [gamma] */
  readonly tokens: Uint32Array;
  /**
   * For mode `sampled`: the law each token was drawn from, one sparse row a token, laid end to end.
   * Row i covers [qOffsets[i], qOffsets[i + 1]), its ids strictly ascending. Empty arrays for mode `deterministic`
   * (q is one-hot).
   */
  readonly qIds: Uint32Array;
  readonly qProbabilities: Float32Array;
  /** [gamma + 1] for mode `sampled`, else empty. */
  readonly qOffsets: Uint32Array;
}

export interface Verdict {
  /** How many drafted tokens were accepted, from the first on. */
  readonly acceptedCount: number;
  /** The correction token after a rejection, else the bonus token. */
  readonly finalToken: number;
}

/** A proposal of tokens that were the draft's certain choice. */
export function deterministicProposal(tokens: ArrayLike<number>): Proposal {
  return {
    mode: 'deterministic',
    tokens: Uint32Array.from(tokens),
    qIds: new Uint32Array(0),
    qProbabilities: new Float32Array(0),
    qOffsets: new Uint32Array(0),
  };
}

export const EMPTY_PROPOSAL: Proposal = deterministicProposal([]);

/** A proposal of tokens drawn from `rows`, one sparse law of float32 weights (see draftDistribution) a token. */
export function sampledProposal(tokens: ArrayLike<number>, rows: readonly Distribution[]): Proposal {
  const qOffsets = new Uint32Array(rows.length + 1);
  for (let i = 0; i < rows.length; i++) qOffsets[i + 1] = qOffsets[i]! + rows[i]!.weights.length;
  const qIds = new Uint32Array(qOffsets[rows.length]!);
  const qProbabilities = new Float32Array(qIds.length);
  for (let i = 0; i < rows.length; i++) {
    const { ids, weights } = rows[i]!;
    if (ids === undefined) throw new RangeError(`Row ${i} of a proposal is dense; only sparse rows travel.`);
    qIds.set(ids, qOffsets[i]!);
    qProbabilities.set(weights, qOffsets[i]!);
  }
  return { mode: 'sampled', tokens: Uint32Array.from(tokens), qIds, qProbabilities, qOffsets };
}

/** The law q that drafted token i was drawn from. */
export function draftLaw(proposal: Proposal, i: number): Distribution {
  if (proposal.mode === 'deterministic') return oneHot(proposal.tokens[i]!);
  const start = proposal.qOffsets[i]!;
  const end = proposal.qOffsets[i + 1]!;
  return distributionOf(proposal.qIds.subarray(start, end), proposal.qProbabilities.subarray(start, end));
}
