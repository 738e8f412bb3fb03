// What is counted of one choice: for its own answer, and for the metrics of the process, which see n choices as n
// generations that read one prompt.
import type { FinishReason, RoundStats } from '#libs/rpc/index.js';
import { draftFailureReason, type FinishedReason, type Metrics } from '#libs/telemetry/index.js';
import type { JournaledRound } from '../idempotency/journaled-rounds.js';
import type { GenerationSummary } from './generation.js';
import type { GenerationRequest } from './generation-request.js';
import { RoundTotals } from './round-totals.js';
import { Stopwatch } from './stopwatch.js';

export interface ChoiceRecordOptions {
  readonly metrics: Metrics;
  /** Monotonic milliseconds. */
  readonly now: () => number;
  /** When the request came, by that clock. */
  readonly startedAt: number;
  /** Not the first choice of its request: its prompt is counted already. */
  readonly sharesPrompt: boolean;
  readonly numSpeculativeTokens: number;
  /** Another request for the same answer counts it. Default false. */
  readonly isReplay?: boolean;
}

export class ChoiceRecord {
  readonly #metrics: Metrics;
  readonly #watch: Stopwatch;
  readonly #totals: RoundTotals;
  #promptTokens = 0;
  #completionTokens = 0;
  #cachedTokens = 0;
  #begun = false;
  #ended = false;
  #queueMs = 0;

  constructor(private readonly options: ChoiceRecordOptions) {
    const { metrics, now, startedAt, numSpeculativeTokens } = options;
    this.#metrics = metrics;
    this.#watch = new Stopwatch(now, startedAt);
    this.#totals = new RoundTotals(numSpeculativeTokens);
  }

  static of(
    { metrics, now }: Pick<ChoiceRecordOptions, 'metrics' | 'now'>,
    { speculation: { numSpeculativeTokens } }: Pick<GenerationRequest, 'speculation'>,
    index: number,
    startedAt: number,
    isReplay: boolean,
  ): ChoiceRecord {
    const sharesPrompt = index > 0;
    return new ChoiceRecord({ metrics, now, startedAt, sharesPrompt, numSpeculativeTokens, isReplay });
  }

  /** It has its place. */
  begin(queueMs: number): void {
    this.#queueMs = queueMs;
    if (this.options.isReplay) return;
    this.#begun = true;
    this.#metrics.requestsRunning.inc();
    this.#metrics.requestQueueTime.observe(queueMs / 1000);
  }

  prompt(numTokens: number): void {
    this.#promptTokens = numTokens;
    const { sharesPrompt, isReplay = false } = this.options;
    if (!sharesPrompt && !isReplay) this.#metrics.promptTokens.inc(numTokens);
  }

  /** `numTokens`: tokens of the round that reach the client. */
  round(round: RoundStats, numTokens: number, journaled?: JournaledRound['journaled']): void {
    // Only the first verifier's first round tells what the session had; after a failover the cache is another's.
    const isFirst = this.#completionTokens === 0;
    if (isFirst) this.#cachedTokens = Math.min(round.cachedTokens, this.#promptTokens);
    this.#totals.add(round);
    this.#completionTokens += numTokens;
    this.#queueMs = journaled?.queueMs ?? this.#queueMs;
    const seconds = this.#watch.lap(numTokens, journaled?.atMs) / 1000;
    if (!journaled?.isReplayed) this.#count(round, numTokens, isFirst, seconds);
  }

  #count(round: RoundStats, numTokens: number, isFirst: boolean, seconds: number): void {
    if (isFirst) {
      this.#metrics.prefixCacheQueries.inc(this.#promptTokens);
      this.#metrics.prefixCacheHits.inc(this.#cachedTokens);
    }
    this.#metrics.observeRound(round);
    if (round.draftFailure !== undefined)
      this.#metrics.draftFailures.inc(draftFailureReason(round.draftFailure));
    if (numTokens === 0) return;
    this.#metrics.generationTokens.inc(numTokens);
    (isFirst ? this.#metrics.timeToFirstToken : this.#metrics.interTokenLatency).observe(seconds);
  }

  /** Counts the choice's end; later calls change nothing. */
  end(reason: FinishedReason): void {
    if (this.#ended) return;
    this.#ended = true;
    if (this.options.isReplay) return;
    if (this.#begun) this.#metrics.requestsRunning.dec();
    this.#metrics.requestSuccess.inc(reason);
    this.#metrics.e2eRequestLatency.observe(this.#watch.elapsedMs() / 1000);
    const { meanItlMs } = this.#watch.timings();
    if (meanItlMs !== null) this.#metrics.timePerOutputToken.observe(meanItlMs / 1000);
  }

  summary(finishReason: FinishReason, failovers: number, stopString?: string): GenerationSummary {
    return {
      finishReason,
      ...(stopString !== undefined && { stopString }),
      failovers,
      promptTokens: this.#promptTokens,
      completionTokens: this.#completionTokens,
      cachedTokens: this.#cachedTokens,
      totals: this.#totals,
      queueMs: this.#queueMs,
      timings: this.#watch.timings(),
    };
  }
}
