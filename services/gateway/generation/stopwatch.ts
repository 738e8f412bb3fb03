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
  /** From the start, as all times below: the same times then give the same figures whenever they started. */
  #firstAt: number | undefined;
  /** Tokens of the first round arrive together: the mean counts those after them. */
  #firstTokens = 0;
  #lastAt = 0;
  #tokens = 0;

  /** @param startedAt When the request came, by the same clock. */
  constructor(
    private readonly now: () => number,
    startedAt = now(),
  ) {
    this.#startedAt = startedAt;
  }

  /**
   * Milliseconds since the chunk before this one, or since the start.
   * @param atMs when the chunk came, from the start; default now.
   */
  lap(numTokens: number, atMs = this.elapsedMs()): number {
    const elapsed = atMs - this.#lastAt;
    this.#lastAt = atMs;
    this.#tokens += numTokens;
    if (this.#firstAt === undefined && numTokens > 0) {
      this.#firstAt = atMs;
      this.#firstTokens = numTokens;
    }
    return elapsed;
  }

  elapsedMs(): number {
    return this.now() - this.#startedAt;
  }

  timings(): Timings {
    const generationTimeMs = this.#lastAt;
    const later = this.#tokens - this.#firstTokens;
    return {
      timeToFirstTokenMs: this.#firstAt ?? null,
      generationTimeMs,
      meanItlMs: this.#firstAt === undefined || later === 0 ? null : (this.#lastAt - this.#firstAt) / later,
      tokensPerSecond: generationTimeMs > 0 ? (this.#tokens * 1000) / generationTimeMs : 0,
    };
  }
}
