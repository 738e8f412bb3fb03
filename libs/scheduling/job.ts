// What waits in a queue for a share of something: of a forward's tokens, or of a gateway's places.

export interface Job {
  /** Still wanted, at least 1. */
  readonly numTokens: number;
  /** So many of them, the last ones, come together or not at all. What is all of one piece is a round, else a prompt. */
  readonly numRows: number;
  /** Of the budget's slots; default 1. */
  readonly numSlots?: number;
  readonly claim: Claim;
}

export interface Claim {
  /** What is served is shared between tenants; those without a name are one. */
  readonly tenant?: string | undefined;
  /** Lower goes first, as in vLLM; default 0. */
  readonly priority?: number | undefined;
}

export interface Budget {
  readonly tokens: number;
  readonly slots: number;
}

/** The first `numTokens` of a job's tokens: all of them, or at most numTokens − numRows. */
export interface Share<J extends Job> {
  readonly job: J;
  readonly numTokens: number;
}
