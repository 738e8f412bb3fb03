// Which of the waiting jobs share the next forward: a policy that can be replaced. It decides about time only; a job's
// logits are the same in whatever company.

/** A job that waits until its tokens, or the rest of them, are fed. */
export interface WaitingJob {
  /** Tokens still to be fed, at least one. */
  readonly numTokens: number;
  /** So many of them, the last ones, cannot be split over two forwards: their logits are wanted. */
  readonly numRows: number;
  /** Whose job it is; a policy that treats all alike needn't look. */
  readonly claim: Claim;
}

export interface Claim {
  readonly tenant?: string | undefined;
  /** Lower goes first, as in vLLM; default 0. */
  readonly priority?: number | undefined;
  /** By the clock of performance.now(). */
  readonly deadlineMs?: number | undefined;
}

/** What a forward can carry. */
export interface BatchBudget {
  readonly tokens: number;
  /** Jobs. */
  readonly slots: number;
}

/** The first `numTokens` of a job's tokens: all of them, or at most numTokens − numRows. */
export interface Share<Job extends WaitingJob = WaitingJob> {
  readonly job: Job;
  readonly numTokens: number;
}

export interface BatchQueue<Job extends WaitingJob = WaitingJob> {
  readonly size: number;
  /**
   * Awaited before each `take`: whom the last forward has served comes back meanwhile, and who is about to come joins.
   * Default: one turn of the event loop, in which messages are read.
   */
  gather?(): Promise<void>;
  /** A new job, or one of which a share was fed: it then comes back with the rest, once the forward is over. */
  add(job: Job): void;
  /** Of a job that is given up. Nothing happens if it isn't waiting. */
  remove(job: Job): void;
  /** Takes the jobs of the next forward out of the queue: at least one if any waits, whatever its rows need. */
  take(budget: BatchBudget): Share<Job>[];
}
