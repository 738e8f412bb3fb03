// One generation's open stream to one draft, and what that draft has been told already.
import { AppError } from '#libs/errors/index.js';
import type { SamplingParams } from '#libs/sampling/index.js';
import { type DraftPlan, type Sequence, type TimedProposal, ToldSequence } from '#libs/speculative/index.js';
import type { ProposeResponse } from '../messages.js';
import type { ProposeStream } from './propose-stream.js';

export interface DraftLinkOptions {
  readonly endpoint: string;
  readonly openedAt: number;
  readonly now: () => number;
  /** Of the target: the draft compares it with its own. */
  readonly vocabularyFingerprint?: string | undefined;
  /** Whether the draft there reads the target's features, as far as is known now. Default: none does. */
  readonly readsFeatures?: ((endpoint: string) => boolean) | undefined;
}

export class DraftLink {
  /** Streams keep order, so the draft holds what was sent or says session_lost. */
  readonly #sent = new ToldSequence();
  #askedAt: number;
  #round = 0;
  /** What the stream was told last. */
  #sentSampling: SamplingParams | undefined;

  constructor(
    readonly stream: ProposeStream,
    private readonly options: DraftLinkOptions,
  ) {
    this.#askedAt = options.openedAt;
  }

  get endpoint(): string {
    return this.options.endpoint;
  }

  get openedAt(): number {
    return this.options.openedAt;
  }

  get readsFeatures(): boolean {
    return this.options.readsFeatures?.(this.endpoint) ?? false;
  }

  /** Milliseconds since the last request; meaningful while one is unanswered. */
  get waitedMs(): number {
    return this.options.now() - this.#askedAt;
  }

  /** Sends the tokens that are new, and all of them once more if the draft has lost the session. */
  async ask(
    sequence: Sequence,
    plan: DraftPlan,
    signal: AbortSignal,
    timeoutMs: number,
  ): Promise<TimedProposal> {
    const { now } = this.options;
    const deadline = now() + timeoutMs;
    const first = await this.#send(sequence, plan, signal, timeoutMs);
    if (first.outcome === 'proposal') return first;
    this.#sent.forget();
    const second = await this.#send(sequence, plan, signal, Math.max(deadline - now(), 1));
    if (second.outcome === 'proposal') return second;
    throw new AppError('session_lost', `${this.endpoint} lost a session that was sent to it in full.`);
  }

  #send(
    sequence: Sequence,
    { maxTokens, minConfidence, minReach = 0, ahead = 0 }: DraftPlan,
    signal: AbortSignal,
    timeoutMs: number,
  ): Promise<ProposeResponse> {
    const { sessionId, promptLength, sampling, cacheSalt } = sequence;
    const { vocabularyFingerprint } = this.options;
    const news = this.#sent.news(sequence, this.readsFeatures);
    const request = {
      round: ++this.#round,
      sessionId,
      ...news,
      promptLength,
      cacheSalt,
      maxTokens,
      minConfidence,
      minReach,
      ...(ahead > 0 && { draftAhead: ahead }),
      ...(sampling !== this.#sentSampling && { sampling }),
      ...(news.prefixLength === 0 && vocabularyFingerprint !== undefined && { vocabularyFingerprint }),
    };
    const response = this.stream.propose(request, signal, timeoutMs);
    this.#sentSampling = sampling;
    this.#sent.told(sequence);
    this.#askedAt = this.options.now();
    return response;
  }
}
