// When the tokens of one request came. Times are read from one process's monotonic clock.

export interface Timings {
  /** From the request's arrival to its first token; null when there was none. */
  readonly timeToFirstTokenMs: number | null;
  /** From the request's arrival to its last token. */
  readonly generationTimeMs: number;
  /** Mean time a token after the first; null below two tokens. */
  readonly meanItlMs: number | null;
  readonly tokensPerSecond: number;
}

export class Stopwatch {
  readonly #startedAt: number;
  #firstAt: number | undefined;
  /** Tokens of the first round arrive together: the mean counts those after them. */
  #firstTokens = 0;
  #lastAt: number;
  #tokens = 0;

  /** @param startedAt When the request came, by the same clock. */
  constructor(
    private readonly now: () => number,
    startedAt = now(),
  ) {
    this.#startedAt = this.#lastAt = startedAt;
  }

  /**
   * Milliseconds since the chunk before this one, or since the start.
   * @param atMs when the chunk came, from the start; default now.
   */
  lap(numTokens: number, atMs?: number): number {
    const now = atMs === undefined ? this.now() : this.#startedAt + atMs;
    const elapsed = now - this.#lastAt;
    this.#lastAt = now;
    this.#tokens += numTokens;
    if (this.#firstAt === undefined && numTokens > 0) {
      this.#firstAt = now;
      this.#firstTokens = numTokens;
    }
    return elapsed;
  }

  elapsedMs(): number {
    return this.now() - this.#startedAt;
  }

  timings(): Timings {
    const generationTimeMs = this.#lastAt - this.#startedAt;
    const later = this.#tokens - this.#firstTokens;
    return {
      timeToFirstTokenMs: this.#firstAt === undefined ? null : this.#firstAt - this.#startedAt,
      generationTimeMs,
      meanItlMs: this.#firstAt === undefined || later === 0 ? null : (this.#lastAt - this.#firstAt) / later,
      tokensPerSecond: generationTimeMs > 0 ? (this.#tokens * 1000) / generationTimeMs : 0,
    };
  }
}
