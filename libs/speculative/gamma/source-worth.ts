// What one draft source brings to one generation: its rounds' tokens and time, and what an offer of it is worth. Learns for
// the generation and for those to come.
import type { RoundOutcome } from '../round.js';
import { Calibration, OwnCalibration } from './calibration.js';
import { RoundCosts } from './round-costs.js';

/** What generations of one model pair and source teach each other. */
export class GoodputKnowledge {
  readonly costs: RoundCosts;
  readonly calibration = new Calibration();
  /** Acceptance of one drafted token, over generations. */
  acceptance = 0.7;

  /** @param isFree Drafts cost next to nothing, and are judged whether they are used or not: see SourceWorth.judge. */
  constructor(readonly isFree = false) {
    this.costs = new RoundCosts({ isFree });
  }
}

/** How many tokens the pair's acceptance counts for at a generation's start, and its rounds. */
const PRIOR = { tokens: 6, rounds: 2 };
/** Weight a round keeps when the next comes. */
const KEEP = 0.93;
const PAIR_RATE = 0.02;
/** A generation's own opinion: copies and chance matches look alike, where a model's doubts tell texts apart already. */
const CALIBRATION_RATE = { free: 0.2, model: 0 };

export class SourceWorth {
  readonly calibration: OwnCalibration;
  readonly #maxTokens: number;
  #accepted: number;
  #judged = PRIOR.tokens;
  /** Fading sums over this source's rounds. */
  #tokens = 0;
  #ms = 0;
  #rounds = 0;

  /** @param maxTokens Most tokens a draft. */
  constructor(
    private readonly knowledge: GoodputKnowledge,
    maxTokens: number,
  ) {
    this.#maxTokens = maxTokens;
    this.#accepted = PRIOR.tokens * knowledge.acceptance;
    this.calibration = new OwnCalibration(
      knowledge.calibration,
      knowledge.isFree ? CALIBRATION_RATE.free : CALIBRATION_RATE.model,
    );
  }

  get costs(): RoundCosts {
    return this.knowledge.costs;
  }

  /** Chance of one drafted token. */
  get acceptance(): number {
    return Math.min(0.99, Math.max(0.01, this.#accepted / this.#judged));
  }

  /** Tokens a millisecond that rounds with this source bring. */
  get rate(): number {
    const { tokens, ms } = this.#round();
    return tokens / ms;
  }

  /** Tokens that a round with this source brings beyond what its time brings at `rate`. */
  surplus(rate: number): number {
    const { tokens, ms } = this.#round();
    return tokens - rate * ms;
  }

  /** The same of a round with these very tokens, by the confidence in each. */
  surplusOf(confidences: ArrayLike<number>, rate: number): number {
    const expected = this.calibration.reach(confidences).reduce((sum, chance) => sum + chance, 1);
    return expected - rate * this.costs.roundMs(confidences.length);
  }

  /** How many of an offer's tokens are worth verifying at `rate`; 0: a plain round brings more. */
  fit(confidences: ArrayLike<number>, rate: number): number {
    let best = { tokens: 0, surplus: 1 - rate * this.costs.plainMs };
    let expected = 1;
    for (const [i, chance] of this.calibration.reach(confidences).entries()) {
      expected += chance;
      const surplus = expected - rate * this.costs.roundMs(i + 1);
      if (surplus > best.surplus) best = { tokens: i + 1, surplus };
    }
    return best.tokens;
  }

  /** The constant length of the highest rate, if every token had the mean chance. */
  best(): { readonly tokens: number; readonly expected: number; readonly ms: number } {
    const chance = this.acceptance;
    let best = { tokens: 0, expected: 1, ms: Number.POSITIVE_INFINITY };
    let expected = 1;
    for (let tokens = 1, reached = chance; tokens <= this.#maxTokens; tokens++, reached *= chance) {
      expected += reached;
      const ms = this.costs.roundMs(tokens);
      if (expected / ms > best.expected / best.ms) best = { tokens, expected, ms };
    }
    return best;
  }

  observe(outcome: RoundOutcome): void {
    const { drafted, accepted, confidences } = outcome;
    this.costs.observe(outcome);
    if (drafted === 0) return;
    if (!this.knowledge.isFree) this.judge(confidences, accepted);
    const judged = Math.min(drafted, accepted + 1);
    this.#accepted = KEEP * this.#accepted + accepted;
    this.#judged = KEEP * this.#judged + judged;
    this.#tokens = KEEP * this.#tokens + accepted + 1;
    this.#ms = KEEP * this.#ms + this.costs.chargedMs(outcome);
    this.#rounds = KEEP * this.#rounds + 1;
    this.knowledge.acceptance += PAIR_RATE * (accepted - judged * this.knowledge.acceptance);
  }

  /** What the text says of an offer: its first `accepted` tokens came, the next one didn't. */
  judge(confidences: ArrayLike<number>, accepted: number): void {
    this.calibration.observe(confidences, accepted);
  }

  /** A mean round, of the last ones; the fewer there are, the more the prediction counts. */
  #round(): { readonly tokens: number; readonly ms: number } {
    const { expected, ms } = this.best();
    const rounds = this.#rounds + PRIOR.rounds;
    return {
      tokens: (this.#tokens + PRIOR.rounds * expected) / rounds,
      ms: (this.#ms + PRIOR.rounds * ms) / rounds,
    };
  }
}
