// The adaptive draft exit of Draft & Verify (Zhang et al., arXiv 2309.08168, §3.4): drafting stops after a token whose raw
// probability lies below a threshold, and the threshold moves so that the match rate stays near a goal.
import type { DraftPlan, GammaController, RoundOutcome } from '../round.js';

/** Kept for a model pair: the threshold moves by about a thousandth a round, far too little for one generation. */
export class DraftExitState {
  /** Fading mean of accepted / drafted (AR). */
  matchRate = 0.9;

  constructor(public threshold = 0.6) {}
}

export interface DraftExitOptions {
  /** K. Default 12. */
  readonly maxTokens?: number;
  /** α*, the match rate aimed at. Default 0.9. */
  readonly goal?: number;
  /** ε, the step of the threshold. Default 0.01. */
  readonly step?: number;
  /** β1, what the match rate keeps. Default 0.5. */
  readonly keepMatchRate?: number;
  /** β2, what the threshold keeps. Default 0.9. */
  readonly keepThreshold?: number;
}

export class DraftExitGamma implements GammaController {
  readonly #options: Required<DraftExitOptions>;

  constructor(
    private readonly state: DraftExitState,
    {
      maxTokens = 12,
      goal = 0.9,
      step = 0.01,
      keepMatchRate = 0.5,
      keepThreshold = 0.9,
    }: DraftExitOptions = {},
  ) {
    this.#options = { maxTokens, goal, step, keepMatchRate, keepThreshold };
  }

  next(): DraftPlan {
    return { maxTokens: this.#options.maxTokens, minConfidence: this.state.threshold };
  }

  observe({ drafted, accepted }: Pick<RoundOutcome, 'drafted' | 'accepted'>): void {
    if (drafted === 0) return;
    const { maxTokens, goal, step, keepMatchRate, keepThreshold } = this.#options;
    const { state } = this;
    state.matchRate = keepMatchRate * state.matchRate + (1 - keepMatchRate) * (accepted / drafted);
    // The match rate first: if a full draft always kept the threshold, one that never exits early would stay at it.
    const wanted =
      state.matchRate < goal
        ? state.threshold + step
        : drafted === maxTokens
          ? state.threshold
          : state.threshold - step;
    const next = keepThreshold * state.threshold + (1 - keepThreshold) * wanted;
    state.threshold = Math.min(1, Math.max(0, next));
  }
}
