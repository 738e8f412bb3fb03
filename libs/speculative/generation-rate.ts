// Tokens a millisecond that a generation's time brings at present: what a round has to be better than.
import type { ChainSource } from './draft-source.js';
import type { RoundOutcome } from './round.js';

/** Weight a round keeps when the next comes. */
const KEEP = 0.9;
/** The prediction counts for so many plain rounds' time. */
const PRIOR_ROUNDS = 2;

export class GenerationRate {
  #tokens = 0;
  #ms = 0;

  /**
   * Plain decoding is always to be had.
   * @param dear Sources whose promise counts until rounds are measured.
   */
  of(plainMs: number, dear: readonly ChainSource[]): number {
    const plain = 1 / plainMs;
    const promised = dear.map(({ worth }) => worth.rate);
    const priorMs = PRIOR_ROUNDS * plainMs;
    const predicted = Math.max(plain, ...promised);
    return Math.max(plain, (this.#tokens + predicted * priorMs) / (this.#ms + priorMs));
  }

  observe({ accepted, draftMs, restMs }: RoundOutcome): void {
    this.#tokens = KEEP * this.#tokens + accepted + 1;
    this.#ms = KEEP * this.#ms + draftMs + restMs;
  }
}
