// One source of a chain: who drafts, who decides how much, and what it is worth beside the others.

import type { AheadPolicy } from './gamma/ahead-choice.js';
import { AheadGamma } from './gamma/ahead-gamma.js';
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
  /** Whether goodput may still decide that nothing is drafted: where nobody has asked for that controller. */
  readonly pauses?: boolean | undefined;
  /** Most that goodput drafts. Default the chain's. */
  readonly maxTokens?: number | undefined;
  /** Whether it may draft while the target verifies. Default never. */
  readonly ahead?: AheadPolicy | undefined;
}

export interface ChainSource extends Pick<DraftSource, 'name' | 'proposer'> {
  readonly gamma: GammaController;
  readonly isFree: boolean;
  /** Somebody has asked for its controller: that alone decides whether to draft. */
  readonly insists: boolean;
  readonly worth: SourceWorth;
  /** The plan under which a free source is asked for its offer. */
  offerPlan(): DraftPlan;
  /** How many of a free offer's tokens to verify where time otherwise brings `rate` tokens a millisecond. */
  fit(confidences: ArrayLike<number>, rate: number): number;
  observe(outcome: RoundOutcome): void;
}

/** Whoever decides, goodput watches: it knows what the source is worth. */
export function joined(
  { name, proposer, knowledge, gamma, pauses = false, ahead, maxTokens: own }: DraftSource,
  options: { readonly maxTokens: number; readonly budget: LossBudget },
): ChainSource {
  const maxTokens = own ?? options.maxTokens;
  const goodput = new GoodputGamma(knowledge, { ...options, maxTokens });
  const decides = gamma === undefined ? goodput : pauses ? pausing(gamma, goodput) : gamma;
  const planner = ahead === undefined ? decides : new AheadGamma(decides, ahead);
  const insists = gamma !== undefined && !pauses;
  const common = { name, proposer, isFree: knowledge.isFree, insists, worth: goodput.worth };
  if (gamma === undefined)
    return {
      ...common,
      gamma: planner,
      offerPlan: () => ({ maxTokens, minConfidence: 0 }),
      fit: (confidences, rate) => goodput.fit(confidences, rate),
      observe: (outcome) => planner.observe(outcome),
    };
  return {
    ...common,
    gamma: planner,
    offerPlan: () => decides.next(),
    fit: (confidences) => confidences.length,
    observe: (outcome) => {
      goodput.observe(outcome);
      planner.observe(outcome);
    },
  };
}

function pausing(gamma: GammaController, goodput: GoodputGamma): GammaController {
  return {
    next: () => {
      const plan = goodput.next();
      return plan.maxTokens === 0 ? plan : gamma.next();
    },
    observe: (outcome) => gamma.observe(outcome),
  };
}
