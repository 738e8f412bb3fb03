// The Proposer port over a list of drafts in order of preference; one for each generation. Failures surface as
// AppErrors, and the round loop goes on without a draft; here they only decide which draft the next round asks.
import { AppError } from '#libs/errors/index.js';
import type { Proposal } from '#libs/sampling/index.js';
import type { DraftPlan, Proposer, Sequence, TimedProposal } from '#libs/speculative/index.js';
import { throwIfAborted } from './abortable.js';
import type { CircuitBreaker } from './circuit-breaker.js';
import type { DraftClient } from './draft-client.js';
import { DraftLink } from './draft-link.js';

const PROPOSAL_TIMEOUT_MS = 1_000;
const HUNG_AFTER_MS = 60_000;

export interface RemoteProposerOptions {
  /** In order of preference; owned by the caller. */
  readonly drafts: readonly DraftClient[];
  /** Shared by all generations of the process. */
  readonly breaker: CircuitBreaker;
  /** Monotonic milliseconds; the breaker's clock. */
  readonly now: () => number;
  /** Default 1000. */
  readonly proposalTimeoutMs?: number;
  /** A late draft is left to work (reading a long prompt takes time) until this has passed. Default 60,000. */
  readonly hungAfterMs?: number;
  /** Throws when a proposal makes no sense; its draft is then treated as failed. */
  readonly validate?: (proposal: Proposal) => void;
  /** Of the target: a draft of another vocabulary then refuses, with a message that says so. */
  readonly vocabularyFingerprint?: string;
  /** Whether the draft there reads the target's features, as far as is known now. Default: none does. */
  readonly readsFeatures?: (endpoint: string) => boolean;
}

export class RemoteProposer implements Proposer {
  #link: DraftLink | undefined;
  /** Index of the draft to try first when a stream is opened. */
  #preferred = 0;
  readonly #timeoutMs: number;

  constructor(private readonly options: RemoteProposerOptions) {
    this.#timeoutMs = options.proposalTimeoutMs ?? PROPOSAL_TIMEOUT_MS;
  }

  /** The draft in use, if any. */
  get endpoint(): string | undefined {
    return this.#link?.endpoint;
  }

  /**
   * Lets the draft read the prompt. One that reads features waits for them: it reads only what is so far back that none will
   * be sent, since what is read without them would have to be read again.
   */
  async warmUp(sequence: Sequence, signal: AbortSignal): Promise<void> {
    const { readsFeatures } = this.#link ?? (await this.#open(signal));
    const { tokens, promptLength, featureWindow } = sequence;
    const isWithout = !readsFeatures || featureWindow === undefined;
    const length = isWithout ? tokens.length : tokens.length - featureWindow.mostRows;
    if (length <= 0) return;
    const start = {
      ...sequence,
      tokens: tokens.slice(0, length),
      promptLength: Math.min(promptLength, length),
    };
    await this.propose(start, { maxTokens: 1, minConfidence: 0 }, signal);
  }

  /**
   * One call at a time. `unavailable` at once, without a wait, while no draft is fit to be asked. A draft that leaves in
   * good order says so at once: the same round asks the next one.
   */
  async propose(sequence: Sequence, plan: DraftPlan, signal: AbortSignal): Promise<TimedProposal> {
    for (let others = this.options.drafts.length - 1; ; others--)
      try {
        return await this.#ask(sequence, plan, signal);
      } catch (error) {
        if (others <= 0 || signal.aborted || AppError.from(error).code !== 'draining') throw error;
      }
  }

  async #ask(sequence: Sequence, plan: DraftPlan, signal: AbortSignal): Promise<TimedProposal> {
    // Broken between two rounds: nothing was waited for, so this round can still ask the next draft.
    if (this.#link?.stream.broken !== undefined) this.#fail(this.#link);
    const link = this.#link ?? (await this.#open(signal));
    this.#refuseIfBusy(link);
    try {
      const response = await link.ask(sequence, plan, signal, this.#timeoutMs);
      this.options.validate?.(response.proposal);
      this.options.breaker.succeeded(link.endpoint);
      return response;
    } catch (error) {
      // A round given up (too late, or cancelled) leaves the stream whole: its answer may still warm the cache.
      const givenUp = signal.aborted || AppError.from(error).code === 'deadline_exceeded';
      if (link.stream.broken !== undefined || !givenUp) this.#fail(link);
      throw error;
    }
  }

  /** Ends the generation's stream; the drafts stay open. */
  close(): void {
    this.#link?.stream.close();
    this.#link = undefined;
  }

  #refuseIfBusy(link: DraftLink): void {
    if (link.stream.unanswered === 0) return;
    const { waitedMs } = link;
    if (waitedMs > (this.options.hungAfterMs ?? HUNG_AFTER_MS)) this.#fail(link);
    const message = `${link.endpoint} is still busy with a proposal asked ${Math.round(waitedMs)} ms ago.`;
    throw new AppError('unavailable', message);
  }

  /** Opens a stream to the first draft, from the preferred one on, that the breaker admits. */
  async #open(signal: AbortSignal): Promise<DraftLink> {
    const { drafts, breaker, now } = this.options;
    for (let i = 0; i < drafts.length; i++) {
      const index = (this.#preferred + i) % drafts.length;
      const draft = drafts[index]!;
      if (!breaker.admits(draft.endpoint)) continue;
      this.#preferred = index;
      const openedAt = now();
      try {
        const stream = await draft.openStream(signal);
        const { vocabularyFingerprint, readsFeatures } = this.options;
        const { endpoint } = draft;
        this.#link = new DraftLink(stream, { endpoint, openedAt, now, vocabularyFingerprint, readsFeatures });
        return this.#link;
      } catch (error) {
        throwIfAborted(signal);
        this.#giveUp(draft.endpoint, openedAt);
        throw error;
      }
    }
    throw new AppError('unavailable', 'No draft is fit to be asked: all have failed a moment ago.');
  }

  #fail(link: DraftLink): void {
    link.stream.close();
    this.#link = undefined;
    this.#giveUp(link.endpoint, link.openedAt);
  }

  #giveUp(endpoint: string, since: number): void {
    const { drafts, breaker } = this.options;
    breaker.failed(endpoint, since);
    this.#preferred = (drafts.findIndex((draft) => draft.endpoint === endpoint) + 1) % drafts.length;
  }
}
