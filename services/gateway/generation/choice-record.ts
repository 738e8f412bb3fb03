// What is counted of one choice: for its own answer, and for the metrics of the process, which see n choices as n
// generations that read one prompt.
import type { FinishReason, RoundStats } from '#libs/rpc/index.js';
import { draftFailureReason, type FinishedReason, type Metrics } from '#libs/telemetry/index.js';
import type { GenerationSummary } from './generation.js';
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

  /** It has its place. */
  begin(queueMs: number): void {
    this.#begun = true;
    this.#queueMs = queueMs;
    this.#metrics.requestsRunning.inc();
    this.#metrics.requestQueueTime.observe(queueMs / 1000);
  }

  prompt(numTokens: number): void {
    this.#promptTokens = numTokens;
    if (!this.options.sharesPrompt) this.#metrics.promptTokens.inc(numTokens);
  }

  /** `numTokens`: tokens of the round that reach the client. */
  round(round: RoundStats, numTokens: number): void {
    // Only the first verifier's first round tells what the session had; after a failover the cache is another's.
    const isFirst = this.#completionTokens === 0;
    if (isFirst) this.#promptRead(round);
    this.#metrics.observeRound(round);
    if (round.draftFailure !== undefined)
      this.#metrics.draftFailures.inc(draftFailureReason(round.draftFailure));
    this.#totals.add(round);
    this.#completionTokens += numTokens;
    const seconds = this.#watch.lap(numTokens) / 1000;
    if (numTokens === 0) return;
    this.#metrics.generationTokens.inc(numTokens);
    (isFirst ? this.#metrics.timeToFirstToken : this.#metrics.interTokenLatency).observe(seconds);
  }

  #promptRead(round: RoundStats): void {
    this.#cachedTokens = Math.min(round.cachedTokens, this.#promptTokens);
    this.#metrics.prefixCacheQueries.inc(this.#promptTokens);
    this.#metrics.prefixCacheHits.inc(this.#cachedTokens);
  }

  /** Counts the choice's end; later calls change nothing. */
  end(reason: FinishedReason): void {
    if (this.#ended) return;
    this.#ended = true;
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
