// A single source under a load policy, for tests of the policy: nothing is drafted while it says so. Chains do it by themselves.
import type { DraftPlan, GammaController, RoundOutcome } from '../round.js';
import type { LoadPolicy } from './load-choice.js';

const NO_DRAFT: DraftPlan = { maxTokens: 0, minConfidence: 0 };

export class GatedGamma implements GammaController {
  /** When the round began. */
  #isOn = true;

  constructor(
    private readonly inner: GammaController,
    private readonly policy: LoadPolicy,
  ) {}

  next(): DraftPlan {
    this.#isOn = this.policy.isOn;
    return this.#isOn ? this.inner.next() : NO_DRAFT;
  }

  observe(outcome: RoundOutcome): void {
    this.policy.observe(outcome, this.#isOn);
    this.inner.observe(outcome);
  }

  lose(ms: number): void {
    this.policy.lose(ms);
  }
}
