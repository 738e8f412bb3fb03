// The same number of drafted tokens every round.
import type { DraftPlan, GammaController } from '../round.js';

export class ConstantGamma implements GammaController {
  readonly #plan: DraftPlan;

  /** `minConfidence` > 0 ends a draft early, after the first token the draft itself doubts. */
  constructor(numTokens: number, minConfidence = 0) {
    this.#plan = { maxTokens: numTokens, minConfidence };
  }

  next(): DraftPlan {
    return this.#plan;
  }

  observe(): void {}
}
