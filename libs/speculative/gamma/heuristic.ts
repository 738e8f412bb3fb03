// The rule of Hugging Face assisted generation (num_assistant_tokens_schedule "heuristic"): two tokens more after a
// round in which all were accepted, one less after any other.
import type { DraftPlan, GammaController } from '../round.js';

export interface HeuristicGammaOptions {
  readonly start?: number;
  readonly min?: number;
  readonly max?: number;
  /** As for ConstantGamma. */
  readonly minConfidence?: number;
}

export class HeuristicGamma implements GammaController {
  readonly #min: number;
  readonly #max: number;
  readonly #minConfidence: number;
  #numTokens: number;

  constructor({ start = 5, min = 1, max = 8, minConfidence = 0 }: HeuristicGammaOptions = {}) {
    this.#min = min;
    this.#max = max;
    this.#minConfidence = minConfidence;
    this.#numTokens = this.#clamp(start);
  }

  next(): DraftPlan {
    return { maxTokens: this.#numTokens, minConfidence: this.#minConfidence };
  }

  /** A round without a draft says nothing about how good drafts are. */
  observe({ drafted, accepted }: { readonly drafted: number; readonly accepted: number }): void {
    if (drafted === 0) return;
    this.#numTokens = this.#clamp(this.#numTokens + (accepted === drafted ? 2 : -1));
  }

  #clamp(numTokens: number): number {
    return Math.min(this.#max, Math.max(this.#min, numTokens));
  }
}
