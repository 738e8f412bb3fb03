// A length controller whose plans also say how far the draft may work ahead: about as far as the next answer will go.
import type { DraftPlan, GammaController, RoundOutcome } from '../round.js';
import type { AheadPolicy } from './ahead-choice.js';

/** Weight of the last round's length in the mean. */
const RATE = 0.1;

export class AheadGamma implements GammaController {
  #meanDrafted: number | undefined;
  /** Of the plan given out last, and of the round before; undefined after a round without a draft. */
  #isOn = false;
  #wasOn: boolean | undefined;

  constructor(
    private readonly inner: GammaController,
    private readonly policy: AheadPolicy,
  ) {}

  next(): DraftPlan {
    const plan = this.inner.next();
    this.#isOn = this.policy.isOn;
    if (!this.#isOn || plan.maxTokens === 0) return plan;
    const expected = Math.ceil(this.#meanDrafted ?? plan.maxTokens) + 1;
    return { ...plan, ahead: Math.min(plan.maxTokens, expected) };
  }

  observe(outcome: RoundOutcome): void {
    this.inner.observe(outcome);
    const { drafted } = outcome;
    const wasOn = this.#wasOn;
    this.#wasOn = drafted > 0 ? this.#isOn : undefined;
    if (drafted === 0) return;
    this.#meanDrafted ??= drafted;
    this.#meanDrafted += RATE * (drafted - this.#meanDrafted);
    // The draft's time comes of the work ahead that the round before asked for, the target's of this round's.
    if (wasOn === this.#isOn) this.policy.observe(outcome, wasOn);
  }
}
