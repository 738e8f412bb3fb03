// What a draft hands to the verifier, and what the verifier answers.

/** How the draft chose its tokens: it decides which law q the rejection rule divides by. */
export type ProposalMode = 'sampled' | 'deterministic';

export interface Proposal {
  readonly mode: ProposalMode;
  /** Drafted token ids, in order; empty means plain decoding. [gamma] */
  readonly tokens: Uint32Array;
  /**
   * For mode `sampled`: the law each token was drawn from, one sparse row a token, laid end to end.
   * Row i covers [qOffsets[i], qOffsets[i + 1]). Empty arrays for mode `deterministic` (q is one-hot).
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

export const EMPTY_PROPOSAL: Proposal = {
  mode: 'deterministic',
  tokens: new Uint32Array(0),
  qIds: new Uint32Array(0),
  qProbabilities: new Float32Array(0),
  qOffsets: new Uint32Array(0),
};
