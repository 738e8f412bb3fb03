// How far a draft's own probability of a token can be believed: the target accepts with about confidence^exponent.
// One number, so that the draft can stop by the product of its raw probabilities; learned so that predicted and seen
// acceptances agree.

const LEARNING_RATE = 0.02;
const BOUNDS = { least: 0.1, most: 8 };

export class Calibration {
  #exponent = 1;

  get exponent(): number {
    return this.#exponent;
  }

  /** @param confidences Of the drafted tokens, as far as the target judged them: accepted ones and the first rejected. */
  observe(confidences: ArrayLike<number>, accepted: number): void {
    const judged = Math.min(confidences.length, accepted + 1);
    let excess = 0;
    for (let i = 0; i < judged; i++) excess += confidences[i]! ** this.#exponent - (i < accepted ? 1 : 0);
    const next = this.#exponent * Math.exp(LEARNING_RATE * excess);
    this.#exponent = Math.min(BOUNDS.most, Math.max(BOUNDS.least, next));
  }
}
