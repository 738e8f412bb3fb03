// One generation's open stream to one draft, and what that draft has been told already.
import { AppError } from '#libs/errors/index.js';
import type { SamplingParams } from '#libs/sampling/index.js';
import type { DraftPlan, Sequence, TimedProposal } from '#libs/speculative/index.js';
import type { ProposeResponse } from '../messages.js';
import type { ProposeStream } from './propose-stream.js';

export class DraftLink {
  /** Committed tokens sent on this stream that stay: streams keep order, so the draft holds them or says session_lost. */
  #sentTokens = 0;
  #askedAt: number;
  #round = 0;
  /** What the stream was told last. */
  #sentSampling: SamplingParams | undefined;

  constructor(
    readonly endpoint: string,
    readonly stream: ProposeStream,
    readonly openedAt: number,
    private readonly now: () => number,
    /** Of the target: the draft compares it with its own. */
    private readonly vocabularyFingerprint?: string,
  ) {
    this.#askedAt = openedAt;
  }

  /** Milliseconds since the last request; meaningful while one is unanswered. */
  get waitedMs(): number {
    return this.now() - this.#askedAt;
  }

  /** Sends the tokens that are new, and all of them once more if the draft has lost the session. */
  async ask(
    sequence: Sequence,
    plan: DraftPlan,
    signal: AbortSignal,
    timeoutMs: number,
  ): Promise<TimedProposal> {
    const deadline = this.now() + timeoutMs;
    const first = await this.#send(sequence, plan, signal, timeoutMs);
    if (first.outcome === 'proposal') return first;
    this.#sentTokens = 0;
    const second = await this.#send(sequence, plan, signal, Math.max(deadline - this.now(), 1));
    if (second.outcome === 'proposal') return second;
    throw new AppError('session_lost', `${this.endpoint} lost a session that was sent to it in full.`);
  }

  #send(
    { sessionId, tokens, promptLength, sampling, cacheSalt, settledLength = tokens.length }: Sequence,
    { maxTokens, minConfidence, minReach = 0, ahead = 0 }: DraftPlan,
    signal: AbortSignal,
    timeoutMs: number,
  ): Promise<ProposeResponse> {
    const prefixLength = this.#sentTokens;
    const request = {
      round: ++this.#round,
      sessionId,
      prefixLength,
      tokens: tokens.slice(prefixLength),
      promptLength,
      cacheSalt,
      maxTokens,
      minConfidence,
      minReach,
      ...(ahead > 0 && { draftAhead: ahead }),
      ...(sampling !== this.#sentSampling && { sampling }),
      ...(prefixLength === 0 &&
        this.vocabularyFingerprint !== undefined && { vocabularyFingerprint: this.vocabularyFingerprint }),
    };
    const response = this.stream.propose(request, signal, timeoutMs);
    this.#sentSampling = sampling;
    this.#sentTokens = Math.min(settledLength, tokens.length);
    this.#askedAt = this.now();
    return response;
  }
}
