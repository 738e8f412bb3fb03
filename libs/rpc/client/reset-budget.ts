// How many calls may still be reset on one HTTP/2 connection. Servers count resets (CVE-2023-44487): nghttp2 allows a
// burst of 1000 and 33 a second, then closes the connection with all the calls on it. This stays well below.

const BURST = 500;
const PER_SECOND = 20;

export class ResetBudget {
  #left = BURST;
  #countedAt: number;

  constructor(private readonly now: () => number) {
    this.#countedAt = now();
  }

  /** Counts one reset; false when the connection should take no new calls. */
  spend(): boolean {
    const now = this.now();
    this.#left = Math.min(this.#left + ((now - this.#countedAt) / 1000) * PER_SECOND, BURST) - 1;
    this.#countedAt = now;
    return this.#left >= 0;
  }
}
