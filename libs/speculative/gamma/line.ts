// A straight line through noisy, drifting measurements: least squares in which old points fade.

export interface Point {
  readonly x: number;
  readonly y: number;
}

/** Clocks may stand still; what is divided by these values must not become infinite. */
const LEAST = 1e-3;

export class FadingLine {
  #weight = 0;
  #x = 0;
  #y = 0;
  #xx = 0;
  #xy = 0;

  /**
   * @param keep Weight that a point keeps when the next one comes, below 1: 1/(1 − keep) points count.
   * @param prior Points believed at the start; two of different x give the line its first slope.
   */
  constructor(
    private readonly keep: number,
    prior: readonly Point[],
  ) {
    for (const point of prior) this.add(point);
  }

  add({ x, y }: Point): void {
    this.#weight = this.keep * this.#weight + 1;
    this.#x = this.keep * this.#x + x;
    this.#y = this.keep * this.#y + y;
    this.#xx = this.keep * this.#xx + x * x;
    this.#xy = this.keep * this.#xy + x * y;
  }

  /** Never negative: what is measured here costs time, and more of it no less. */
  get slope(): number {
    const spread = this.#weight * this.#xx - this.#x * this.#x;
    if (spread <= 1e-9 * this.#weight * this.#xx) return 0;
    return Math.max(0, (this.#weight * this.#xy - this.#x * this.#y) / spread);
  }

  at(x: number): number {
    return Math.max(LEAST, (this.#y + this.slope * (this.#weight * x - this.#x)) / this.#weight);
  }
}
