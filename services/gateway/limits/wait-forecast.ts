// How long a request would wait for its place, from how long the last ones kept theirs: so that one that would wait in
// vain hears it at once. Until one has ended nothing is known, and nobody is turned away for it.

/** Of the newest observation: some twenty answers are remembered. */
const WEIGHT = 0.1;

export class WaitForecast {
  #meanMs: number | undefined;

  /** A place was kept so long. */
  observe(heldMs: number): void {
    this.#meanMs = this.#meanMs === undefined ? heldMs : this.#meanMs + WEIGHT * (heldMs - this.#meanMs);
  }

  /** @param ahead Places wanted before the last of these is free, its own included. */
  waitMs(ahead: number, places: number): number {
    return this.#meanMs === undefined ? 0 : (this.#meanMs * ahead) / places;
  }
}
