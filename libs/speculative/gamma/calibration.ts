// How far a source's own probability of a token can be believed: the target accepts with about confidence^exponent.
// One number, so that a draft can stop by the product of its raw probabilities; learned so that predicted and seen
// acceptances agree, slowly over all generations and fast in each.

const POOLED_RATE = 0.02;
const BOUNDS = { least: 0.1, most: 32 };
/** What one generation may differ by from all of them. */
const MOST_FACTOR = 16;

/** Of one source, over generations. */
export class Calibration {
  exponent = 1;
}

/** Of one source in one generation. */
export class OwnCalibration {
  #factor = 1;

  /** @param rate How fast a generation gets its own opinion. */
  constructor(
    private readonly pooled: Calibration,
    private readonly rate: number,
  ) {}

  get exponent(): number {
    return within(BOUNDS.least, BOUNDS.most, this.pooled.exponent * this.#factor);
  }

  /** The chance that the first i + 1 tokens are all accepted. */
  reach(confidences: ArrayLike<number>): number[] {
    const { exponent } = this;
    let reached = 1;
    return Array.from(confidences, (confidence) => {
      reached *= confidence ** exponent;
      return reached;
    });
  }

  /** @param confidences Of tokens that the target judged: the accepted ones and the first rejected; others are ignored. */
  observe(confidences: ArrayLike<number>, accepted: number): void {
    const { exponent } = this;
    const judged = Math.min(confidences.length, accepted + 1);
    let excess = 0;
    for (let i = 0; i < judged; i++) excess += confidences[i]! ** exponent - (i < accepted ? 1 : 0);
    const { pooled } = this;
    pooled.exponent = within(BOUNDS.least, BOUNDS.most, pooled.exponent * Math.exp(POOLED_RATE * excess));
    this.#factor = within(1 / MOST_FACTOR, MOST_FACTOR, this.#factor * Math.exp(this.rate * excess));
  }
}

function within(least: number, most: number, value: number): number {
  return Math.min(most, Math.max(least, value));
}
