// A Proposer that cannot hurt: whatever goes wrong (deadline, crash, a proposal that lies) becomes an empty proposal
// with the reason beside it, and the round goes on as plain decoding. Lives as long as one generation.
import { AppError } from '#libs/errors/index.js';
import { EMPTY_PROPOSAL, type Proposal, validateProposal } from '#libs/sampling/index.js';
import { abortable } from './abortable.js';
import type { DraftPlan, Proposer, Sequence, TimedProposal } from './round.js';
import { warmUp } from './warm-up.js';

export interface GuardedProposal {
  readonly proposal: Proposal;
  readonly computeMs: number;
  readonly confidences?: ArrayLike<number>;
  readonly draftedAhead?: number;
  /** Why the proposal is empty although one was wanted: "<error code>: <message>". */
  readonly failure?: string;
  /** As `failure`, of a source in whose place another one drafted. */
  readonly insteadOf?: string;
}

export const NO_PROPOSAL: GuardedProposal = { proposal: EMPTY_PROPOSAL, computeMs: 0 };

// The text may come from a hostile peer.
const MAX_FAILURE_LENGTH = 200;

export class GuardedProposer {
  readonly #proposer: Proposer;
  readonly #vocabSize: number;
  readonly #deadlineMs: number;
  readonly #closing = new AbortController();
  /** Settles with the warm-up. */
  #ready: Promise<unknown> = Promise.resolve();
  #isWarmingUp = false;

  constructor(proposer: Proposer, limits: { readonly vocabSize: number; readonly deadlineMs: number }) {
    this.#proposer = proposer;
    this.#vocabSize = limits.vocabSize;
    this.#deadlineMs = limits.deadlineMs;
  }

  /**
   * Lets the draft read the prompt, without waiting. The next propose waits for it and
   * reports its failure. Has no deadline of its own, since cutting a long prompt's reading short would only repeat it.
   */
  warmUp(sequence: Sequence): void {
    this.#isWarmingUp = true;
    this.#ready = warmUp(this.#proposer, sequence, this.#closing.signal).finally(() => {
      this.#isWarmingUp = false;
    });
    this.#ready.catch(() => {});
  }

  /** Never rejects, except with the signal's own reason. */
  async propose(sequence: Sequence, plan: DraftPlan, signal: AbortSignal): Promise<GuardedProposal> {
    const deadline = new AbortController();
    const onAbort = () => deadline.abort(signal.reason);
    signal.addEventListener('abort', onAbort, { once: true });
    const late = () =>
      deadline.abort(new AppError('deadline_exceeded', `no proposal within ${this.#deadlineMs} ms`));
    const timer = setTimeout(late, this.#deadlineMs);
    try {
      signal.throwIfAborted();
      await abortable(this.#ready, deadline.signal);
      const answer = await abortable(this.#ask(sequence, plan, deadline.signal), deadline.signal);
      return this.#check(answer, plan);
    } catch (error) {
      signal.throwIfAborted();
      if (!deadline.signal.aborted) this.#ready = Promise.resolve();
      return { ...NO_PROPOSAL, failure: describe(error) };
    } finally {
      clearTimeout(timer);
      signal.removeEventListener('abort', onAbort);
    }
  }

  /** Ends a warm-up that is still under way. */
  close(): void {
    if (this.#isWarmingUp) this.#closing.abort(new DOMException('The generation has ended.', 'AbortError'));
  }

  /** Turns an exception thrown before the first await into a rejection. */
  async #ask(sequence: Sequence, plan: DraftPlan, signal: AbortSignal): Promise<TimedProposal> {
    return this.#proposer.propose(sequence, plan, signal);
  }

  #check(answer: TimedProposal, plan: DraftPlan): GuardedProposal {
    const { proposal, computeMs } = answer;
    const lie = validateProposal(proposal, { vocabSize: this.#vocabSize, maxTokens: plan.maxTokens });
    if (lie !== undefined) throw new Error(`invalid_proposal: ${lie}`);
    if (!(computeMs >= 0 && computeMs < Number.POSITIVE_INFINITY))
      throw new Error(`invalid_proposal: computeMs is ${computeMs}`);
    const { instead, ...proposed } = answer;
    return instead === undefined ? proposed : { ...proposed, insteadOf: describe(instead) };
  }
}

function describe(error: unknown): string {
  const message = error instanceof Error ? error.message : String(error);
  const text = error instanceof AppError ? `${error.code}: ${message}` : message;
  return text.slice(0, MAX_FAILURE_LENGTH) || 'the draft failed without a message';
}
