// Drafts as long as it pays (algorithms.md §3, goodput). With r the tokens a millisecond now, d what one more drafted token
// costs and a its chance once it is reached, drafting goes on while
//     P(all so far accepted) · a > d · r,
// and P comes from the draft's own probabilities. Speculation switches itself off where even so it is slower than plain
// decoding, and probes now and then; a budget bounds what failed drafts cost in all.
import type { DraftPlan, GammaController, RoundOutcome } from '../round.js';
import { LossBudget, MODEL_ALLOWANCE } from './loss-budget.js';
import { type GoodputKnowledge, SourceWorth } from './source-worth.js';

const NO_DRAFT: DraftPlan = { maxTokens: 0, minConfidence: 0, minReach: 0 };

export interface GoodputOptions {
  /** Most tokens a draft. Default 8. */
  readonly maxTokens?: number;
  /** One for all sources of a chain, which then keeps it; default one of its own. */
  readonly budget?: LossBudget;
}

/** Off below this share of the plain rate: a little less is noise more often than not. */
const WORTHWHILE = 0.96;
/** Plain rounds between two probes: first and most. */
const PROBE_AFTER = { first: 5, most: 128 };

export class GoodputGamma implements GammaController {
  readonly worth: SourceWorth;
  readonly maxTokens: number;
  readonly #budget: LossBudget;
  readonly #keepsBudget: boolean;
  #plainRounds = 0;
  /** Confidence of a draft that the target doesn't share must not cost long drafts. */
  #cap: number;
  #probeAfter = PROBE_AFTER.first;

  constructor(knowledge: GoodputKnowledge, { maxTokens = 8, budget }: GoodputOptions = {}) {
    this.worth = new SourceWorth(knowledge, maxTokens);
    this.maxTokens = maxTokens;
    this.#budget = budget ?? new LossBudget(MODEL_ALLOWANCE);
    this.#keepsBudget = budget === undefined;
    this.#cap = Math.min(maxTokens, this.worth.best().tokens + 1);
  }

  next(): DraftPlan {
    const { worth } = this;
    const { costs, rate } = worth;
    if (rate * costs.plainMs < WORTHWHILE && this.#plainRounds < this.#probeAfter) return NO_DRAFT;
    const maxTokens = this.#budget.clip(this.#cap, costs);
    if (maxTokens === 0) return NO_DRAFT;
    // Below the plain rate, lengths are chosen as if it were reached: time could buy that.
    const reach = (costs.tokenMs * Math.max(rate, 1 / costs.plainMs)) / worth.acceptance;
    return {
      maxTokens,
      minConfidence: 0,
      minReach: Math.min(1, reach) ** (1 / worth.calibration.exponent),
    };
  }

  /**
   * How many tokens of an offer that is known already to verify.
   * @param rate Tokens a millisecond that the time would bring otherwise.
   */
  fit(confidences: ArrayLike<number>, rate: number): number {
    return this.#budget.clip(this.worth.fit(confidences, rate), this.worth.costs);
  }

  observe(outcome: RoundOutcome): void {
    const { drafted, accepted } = outcome;
    this.worth.observe(outcome);
    if (this.#keepsBudget) this.#budget.observe(outcome, this.worth.costs);
    if (drafted === 0) {
      this.#plainRounds++;
      return;
    }
    if (this.#plainRounds >= this.#probeAfter)
      this.#probeAfter = Math.min(2 * this.#probeAfter, PROBE_AFTER.most);
    this.#plainRounds = 0;
    this.#cap = Math.min(this.maxTokens, Math.max(2 * accepted + 2, this.#cap - 1));
  }
}
