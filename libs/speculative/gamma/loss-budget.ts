// The bound on what drafts that fail can cost one generation. Every token earns a small allowance of time, a draft may lose
// no more than what is left of it, and what drafts win is theirs to lose. So whatever a source says of itself, the
// generation takes at most (1 + share) times as long as without drafts, and `first` rounds.
import type { RoundCosts } from './round-costs.js';

export interface LossAllowance {
  /** Plain rounds that a generation may lose at its start. */
  readonly first: number;
  /** Plain rounds that each token adds. */
  readonly share: number;
}

/** A generation of 96 tokens keeps 0.97 of the plain rate. */
export const MODEL_ALLOWANCE: LossAllowance = { first: 1, share: 0.02 };
/** The same with 0.98: a first look costs free sources little. */
export const FREE_ALLOWANCE: LossAllowance = { first: 0.3, share: 0.015 };

/**
 * Plain rounds that may be lost besides where sessions share the target: there a draft costs a round more, and whether drafts
 * pay at all is measured (load-choice.ts).
 */
const SHARED_ALLOWANCE = 2;

export class LossBudget {
  /** Plain rounds. */
  #left: number;
  readonly #share: number;

  constructor({ first, share }: LossAllowance) {
    this.#left = first;
    this.#share = share;
  }

  /**
   * Costs are the learned ones: the clock also counts pauses that no draft is to blame for.
   * @param costs Of the source that drafted.
   */
  observe(outcome: { readonly drafted: number; readonly accepted: number }, costs: RoundCosts): void {
    const { drafted, accepted } = outcome;
    const rounds = drafted === 0 ? 1 : costs.roundMs(drafted) / costs.plainMs;
    this.#left += (1 + this.#share) * (accepted + 1) - rounds;
  }

  /** The longest draft of at most `maxTokens` that may fail. */
  clip(maxTokens: number, costs: RoundCosts): number {
    const left = this.#left + (costs.isShared ? SHARED_ALLOWANCE : 0);
    let tokens = maxTokens;
    while (tokens > 0 && costs.roundMs(tokens) / costs.plainMs - 1 > left) tokens--;
    return tokens;
  }
}
