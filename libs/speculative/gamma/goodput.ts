// Drafts as long as it pays (algorithms.md §3, goodput). With r the tokens a millisecond now, d what one more drafted token
// costs and a its chance once it is reached, drafting goes on while
//     P(all so far accepted) · a > d · r,
// and P comes from the draft's own probabilities. Speculation switches itself off where even so it is slower than plain
// decoding, and probes now and then.
import type { DraftPlan, RatedGamma, RoundOutcome } from '../round.js';
import { Calibration } from './calibration.js';
import { RoundCosts } from './round-costs.js';

/** What generations of one model pair and source teach each other. */
export class GoodputKnowledge {
  readonly costs = new RoundCosts();
  readonly calibration = new Calibration();
  /** Acceptance of one drafted token, over generations. */
  acceptance = 0.7;
}

const NO_DRAFT: DraftPlan = { maxTokens: 0, minConfidence: 0, minReach: 0 };

export interface GoodputOptions {
  /** Most tokens a draft. Default 8. */
  readonly maxTokens?: number;
}

/** How many rounds the pair's acceptance counts for at a generation's start. */
const PRIOR_TOKENS = 6;
/** Weight a round keeps when the next comes. */
const KEEP = 0.93;
const PAIR_RATE = 0.02;
/** The predicted rate counts for so many plain rounds' time beside the measured one. */
const PRIOR_ROUNDS = 2;
/** Off below this share of the plain rate: a little less is noise more often than not. */
const WORTHWHILE = 0.96;
/** Plain rounds between two probes: first and most. */
const PROBE_AFTER = { first: 8, most: 128 };

export class GoodputGamma implements RatedGamma {
  readonly #maxTokens: number;
  #accepted: number;
  #judged = PRIOR_TOKENS;
  /** Fading sums over speculative rounds. */
  #tokens = 0;
  #ms = 0;
  #plainRounds = 0;
  /** Confidence of a draft that the target doesn't share must not cost long drafts. */
  #cap: number;
  #probeAfter = PROBE_AFTER.first;

  constructor(
    private readonly knowledge: GoodputKnowledge,
    { maxTokens = 8 }: GoodputOptions = {},
  ) {
    this.#maxTokens = maxTokens;
    this.#accepted = PRIOR_TOKENS * knowledge.acceptance;
    this.#cap = Math.min(maxTokens, this.#best().tokens + 1);
  }

  next(): DraftPlan {
    const { costs, calibration } = this.knowledge;
    const { rate } = this;
    if (rate * costs.plainMs < WORTHWHILE && this.#plainRounds < this.#probeAfter) return NO_DRAFT;
    // Below the plain rate, lengths are chosen as if it were reached: time could buy that.
    const reach = (costs.tokenMs * Math.max(rate, 1 / costs.plainMs)) / this.#acceptance;
    return {
      maxTokens: this.#cap,
      minConfidence: 0,
      minReach: Math.min(1, reach) ** (1 / calibration.exponent),
    };
  }

  /** Tokens a millisecond that rounds with this source bring. */
  get rate(): number {
    return this.#measuredRate(this.#best().rate);
  }

  /** The same of a round with these very tokens, by the confidence in each. */
  rateOf(confidences: ArrayLike<number>): number {
    const { costs, calibration } = this.knowledge;
    let expected = 1;
    let reached = 1;
    for (let i = 0; i < confidences.length; i++) {
      reached *= confidences[i]! ** calibration.exponent;
      expected += reached;
    }
    return expected / (costs.draftMs(confidences.length) + costs.restMs(confidences.length));
  }

  observe(outcome: RoundOutcome): void {
    const { drafted, accepted, draftMs, confidences } = outcome;
    const { costs, calibration } = this.knowledge;
    costs.observe(outcome);
    if (drafted === 0) {
      this.#plainRounds++;
      return;
    }
    if (this.#plainRounds >= this.#probeAfter)
      this.#probeAfter = Math.min(2 * this.#probeAfter, PROBE_AFTER.most);
    this.#plainRounds = 0;
    this.#cap = Math.min(this.#maxTokens, Math.max(2 * accepted + 2, this.#cap - 1));
    calibration.observe(confidences, accepted);
    const judged = Math.min(drafted, accepted + 1);
    this.#accepted = KEEP * this.#accepted + accepted;
    this.#judged = KEEP * this.#judged + judged;
    this.#tokens = KEEP * this.#tokens + accepted + 1;
    this.#ms = KEEP * this.#ms + draftMs + costs.chargedMs(outcome);
    this.knowledge.acceptance += PAIR_RATE * (accepted - judged * this.knowledge.acceptance);
  }

  get #acceptance(): number {
    return Math.min(0.99, Math.max(0.01, this.#accepted / this.#judged));
  }

  /** Tokens a millisecond of the best constant length, if every token had the mean chance. */
  #best(): { readonly rate: number; readonly tokens: number } {
    const { costs } = this.knowledge;
    const chance = this.#acceptance;
    let best = { rate: 0, tokens: 0 };
    let expected = 1;
    for (let tokens = 1, reached = chance; tokens <= this.#maxTokens; tokens++, reached *= chance) {
      expected += reached;
      const rate = expected / (costs.draftMs(tokens) + costs.restMs(tokens));
      if (rate > best.rate) best = { rate, tokens };
    }
    return best;
  }

  /** Of the last rounds; the fewer there are, the more the prediction counts. */
  #measuredRate(predicted: number): number {
    const priorMs = PRIOR_ROUNDS * this.knowledge.costs.plainMs;
    return (this.#tokens + predicted * priorMs) / (this.#ms + priorMs);
  }
}
