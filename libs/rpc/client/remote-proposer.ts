// The Proposer port over a list of drafts in order of preference; one for each generation. Failures surface as
// AppErrors, and the round loop goes on without a draft; here they only decide which draft the next round asks.
import { AppError } from '#libs/errors/index.js';
import type { Proposal } from '#libs/sampling/index.js';
import type { DraftPlan, Proposer, Sequence, TimedProposal } from '#libs/speculative/index.js';
import type { ProposeResponse } from '../messages.js';
import { throwIfAborted } from './abortable.js';
import type { CircuitBreaker } from './circuit-breaker.js';
import type { DraftClient } from './draft-client.js';
import type { ProposeStream } from './propose-stream.js';

const PROPOSAL_TIMEOUT_MS = 1_000;
/** A draft that is late is slow (a long prompt to read); one that is late by this many timeouts is hung. */
const HUNG_AFTER_TIMEOUTS = 10;

export interface RemoteProposerOptions {
  /** In order of preference; owned by the caller. */
  readonly drafts: readonly DraftClient[];
  /** Shared by all generations of the process. */
  readonly breaker: CircuitBreaker;
  /** Monotonic milliseconds; the breaker's clock. */
  readonly now: () => number;
  /** Default 1000. */
  readonly proposalTimeoutMs?: number;
  /** Throws when a proposal makes no sense; its draft is then treated as failed. */
  readonly validate?: (proposal: Proposal) => void;
}

interface Link {
  readonly draft: DraftClient;
  readonly stream: ProposeStream;
  readonly openedAt: number;
  /** Committed tokens sent on this stream: streams keep order, so the draft holds them or says session_lost. */
  sentTokens: number;
  askedAt: number;
}

export class RemoteProposer implements Proposer {
  #link: Link | undefined;
  /** Index of the draft to try first when a stream is opened. */
  #preferred = 0;
  #round = 0;
  readonly #timeoutMs: number;

  constructor(private readonly options: RemoteProposerOptions) {
    this.#timeoutMs = options.proposalTimeoutMs ?? PROPOSAL_TIMEOUT_MS;
  }

  /** The draft in use, if any. */
  get endpoint(): string | undefined {
    return this.#link?.draft.endpoint;
  }

  /** One call at a time. `unavailable` at once, without a wait, while no draft is fit to be asked. */
  async propose(sequence: Sequence, plan: DraftPlan, signal: AbortSignal): Promise<TimedProposal> {
    // Broken between two rounds: nothing was waited for, so this round can still ask the next draft.
    if (this.#link?.stream.broken !== undefined) this.#fail(this.#link);
    const link = this.#link ?? (await this.#open(signal));
    this.#refuseIfBusy(link);
    try {
      const response = await this.#ask(link, sequence, plan, signal);
      this.options.validate?.(response.proposal);
      this.options.breaker.succeeded(link.draft.endpoint);
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

  async #ask(link: Link, sequence: Sequence, plan: DraftPlan, signal: AbortSignal) {
    const deadline = this.options.now() + this.#timeoutMs;
    const first = await this.#send(link, sequence, plan, signal, this.#timeoutMs);
    if (first.outcome === 'proposal') return first;
    link.sentTokens = 0;
    const second = await this.#send(link, sequence, plan, signal, Math.max(deadline - this.options.now(), 1));
    if (second.outcome === 'proposal') return second;
    throw new AppError('session_lost', `${link.draft.endpoint} lost a session that was sent to it in full.`);
  }

  #send(
    link: Link,
    { sessionId, tokens, sampling }: Sequence,
    { maxTokens, minConfidence }: DraftPlan,
    signal: AbortSignal,
    timeoutMs: number,
  ): Promise<ProposeResponse> {
    const prefixLength = link.sentTokens;
    const request = {
      round: ++this.#round,
      sessionId,
      prefixLength,
      tokens: tokens.slice(prefixLength),
      maxTokens,
      minConfidence,
      sampling,
    };
    const response = link.stream.propose(request, signal, timeoutMs);
    link.sentTokens = tokens.length;
    link.askedAt = this.options.now();
    return response;
  }

  #refuseIfBusy(link: Link): void {
    if (link.stream.unanswered === 0) return;
    const waitedMs = this.options.now() - link.askedAt;
    if (waitedMs > HUNG_AFTER_TIMEOUTS * this.#timeoutMs) this.#fail(link);
    const message = `${link.draft.endpoint} is still busy with a proposal asked ${Math.round(waitedMs)} ms ago.`;
    throw new AppError('unavailable', message);
  }

  /** Opens a stream to the first draft, from the preferred one on, that the breaker admits. */
  async #open(signal: AbortSignal): Promise<Link> {
    const { drafts, breaker, now } = this.options;
    for (let i = 0; i < drafts.length; i++) {
      const index = (this.#preferred + i) % drafts.length;
      const draft = drafts[index]!;
      if (!breaker.admits(draft.endpoint)) continue;
      this.#preferred = index;
      const openedAt = now();
      try {
        const stream = await draft.openStream(signal);
        this.#link = { draft, stream, openedAt, sentTokens: 0, askedAt: openedAt };
        return this.#link;
      } catch (error) {
        throwIfAborted(signal);
        this.#giveUp(draft, openedAt);
        throw error;
      }
    }
    throw new AppError('unavailable', 'No draft is fit to be asked: all have failed a moment ago.');
  }

  #fail(link: Link): void {
    link.stream.close();
    this.#link = undefined;
    this.#giveUp(link.draft, link.openedAt);
  }

  #giveUp(draft: DraftClient, since: number): void {
    this.options.breaker.failed(draft.endpoint, since);
    this.#preferred = (this.options.drafts.indexOf(draft) + 1) % this.options.drafts.length;
  }
}
