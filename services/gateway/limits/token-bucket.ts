// So many a minute, in bursts of as many: a bucket that fills steadily. It keeps the time at which it will be full
// instead of a level, so that looking at it changes nothing and no rounding piles up (GCRA, ITU-T I.371).

const MS_PER_MINUTE = 60_000;
/** Of a token: hides the rounding of times, which would refuse a client that came back exactly when it was told to. */
const EPSILON = 1e-6;

export class TokenBucket {
  readonly #msPerToken: number;
  #fullAt: number;

  /** @param now monotonic milliseconds. */
  constructor(
    readonly capacity: number,
    private readonly now: () => number,
  ) {
    this.#msPerToken = MS_PER_MINUTE / capacity;
    this.#fullAt = now();
  }

  /** Whole tokens. */
  get remaining(): number {
    return Math.floor(this.capacity - this.#msUntilFull() / this.#msPerToken + EPSILON);
  }

  /** Whole seconds, at least 1, until there are so many tokens; for a bucket that has fewer. */
  secondsUntil(numTokens: number): number {
    return Math.max(1, wholeSeconds(this.#msUntilFull() - (this.capacity - numTokens) * this.#msPerToken));
  }

  get secondsUntilFull(): number {
    return wholeSeconds(this.#msUntilFull());
  }

  /** To be asked for no more than `remaining`. */
  take(numTokens = 1): void {
    this.#fullAt = this.now() + this.#msUntilFull() + numTokens * this.#msPerToken;
  }

  #msUntilFull(): number {
    return Math.max(0, this.#fullAt - this.now());
  }
}

function wholeSeconds(ms: number): number {
  return Math.max(0, Math.ceil(ms / 1000 - EPSILON));
}
