// One source of a chain: who drafts, who decides how much, and what it is worth beside the others.

import { GoodputGamma } from './gamma/goodput.js';
import type { LossBudget } from './gamma/loss-budget.js';
import type { GoodputKnowledge, SourceWorth } from './gamma/source-worth.js';
import type { DraftPlan, GammaController, Proposer, RoundOutcome } from './round.js';

export interface DraftSource {
  readonly name: string;
  readonly proposer: Proposer;
  /** Those of a free source cost next to nothing, so that proposals can be looked at before one is chosen. */
  readonly knowledge: GoodputKnowledge;
  /** Decides how much is drafted. Default goodput. */
  readonly gamma?: GammaController | undefined;
}

export interface ChainSource extends Omit<DraftSource, 'knowledge'> {
  readonly gamma: GammaController;
  readonly isFree: boolean;
  readonly worth: SourceWorth;
  /** The plan under which a free source is asked for its offer. */
  offerPlan(): DraftPlan;
  /** How many of a free offer's tokens to verify where time otherwise brings `rate` tokens a millisecond. */
  fit(confidences: ArrayLike<number>, rate: number): number;
  observe(outcome: RoundOutcome): void;
}

/** Whoever decides, goodput watches: it knows what the source is worth. */
export function joined(
  { name, proposer, knowledge, gamma }: DraftSource,
  options: { readonly maxTokens: number; readonly budget: LossBudget },
): ChainSource {
  const goodput = new GoodputGamma(knowledge, options);
  const common = { name, proposer, isFree: knowledge.isFree, worth: goodput.worth };
  if (gamma === undefined)
    return {
      ...common,
      gamma: goodput,
      offerPlan: () => ({ maxTokens: options.maxTokens, minConfidence: 0 }),
      fit: (confidences, rate) => goodput.fit(confidences, rate),
      observe: (outcome) => goodput.observe(outcome),
    };
  return {
    ...common,
    gamma,
    offerPlan: () => gamma.next(),
    fit: (confidences) => confidences.length,
    observe: (outcome) => {
      goodput.observe(outcome);
      gamma.observe(outcome);
    },
  };
}
