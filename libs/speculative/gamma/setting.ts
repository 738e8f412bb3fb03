// A length controller with its parameters as plain data: what a request, a default or `outrider tune gamma` says.
import type { GammaControllerName } from '../methods.js';
import type { GammaController } from '../round.js';
import { ConstantGamma } from './constant.js';
import { DraftExitGamma, DraftExitState } from './draft-exit.js';
import { GoodputGamma } from './goodput.js';
import { HeuristicGamma } from './heuristic.js';
import { GoodputKnowledge } from './source-worth.js';

export interface GammaSetting {
  readonly controller: GammaControllerName;
  /** Most tokens a draft; at least 1. */
  readonly maxTokens: number;
  /** Of `confidence`: drafting stops after a token below it, default 0.4. Of `draft_exit`: where it begins, default 0.6. */
  readonly threshold?: number | undefined;
  /** Of `draft_exit`: the match rate aimed at, default 0.9. */
  readonly goal?: number | undefined;
}

/** The threshold of Hugging Face's dynamic lookahead. */
const CONFIDENCE = 0.4;

/** What generations of one pair teach each other: only some controllers learn. */
export class GammaLessons {
  readonly goodput: GoodputKnowledge;
  readonly #draftExit = new Map<number | undefined, DraftExitState>();

  /** @param isFree As for GoodputKnowledge. */
  constructor(isFree = false) {
    this.goodput = new GoodputKnowledge(isFree);
  }

  /** One state for each beginning. */
  draftExit(threshold?: number | undefined): DraftExitState {
    const known = this.#draftExit.get(threshold) ?? new DraftExitState(threshold);
    this.#draftExit.set(threshold, known);
    return known;
  }
}

/** Of one generation. */
export function controllerOf(setting: GammaSetting, lessons: GammaLessons): GammaController {
  const { controller, maxTokens, threshold, goal } = setting;
  switch (controller) {
    case 'constant':
      return new ConstantGamma(maxTokens);
    case 'heuristic':
      return new HeuristicGamma({ max: maxTokens });
    case 'confidence':
      return new ConstantGamma(maxTokens, threshold ?? CONFIDENCE);
    case 'draft_exit': {
      const options = goal === undefined ? { maxTokens } : { maxTokens, goal };
      return new DraftExitGamma(lessons.draftExit(threshold), options);
    }
    case 'goodput':
      return new GoodputGamma(lessons.goodput, { maxTokens });
  }
}
