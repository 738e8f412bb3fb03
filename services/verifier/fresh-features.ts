// The features that one forward of the target gives, until it is known which of its tokens are committed. Where no draft
// reads any, none are computed.
import type { WrittenRows } from '#libs/engine/index.js';
import type { FeatureWindow } from '#libs/speculative/index.js';

export interface FedTokens {
  /** Position of the first one. */
  readonly start: number;
  readonly count: number;
  /** How many of them, the last ones, are drafted. */
  readonly drafted: number;
}

export class FreshFeatures {
  /** To be filled by the forward. */
  readonly writes: WrittenRows | undefined;
  readonly #values: Uint16Array | undefined;
  readonly #start: number;

  constructor(
    private readonly window: FeatureWindow | undefined,
    { start, count, drafted }: FedTokens,
  ) {
    const isWanted = window?.isWanted ?? false;
    const rows = isWanted ? Math.min(count, window!.mostRows + drafted) : 0;
    this.#start = start + count - rows;
    this.#values = isWanted ? new Uint16Array(rows * window!.width) : undefined;
    this.writes = this.#values && { features: this.#values };
  }

  /** Keeps the rows of the positions before this one: those of committed tokens. */
  keep(end: number): void {
    if (this.#values === undefined || end <= this.#start) return;
    const values = this.#values.subarray(0, (end - this.#start) * this.window!.width);
    this.window!.append({ start: this.#start, values });
  }
}
