// A plausible mistake with work ahead. Tokens that are drawn before they are asked for may be thrown away, and the round
// that is then drafted meets the same draws again: so nothing may follow from what was thrown away.
import type { SamplingParams } from '#libs/sampling/index.js';
import {
  type DraftPlan,
  DraftRun,
  type GammaController,
  type Proposer,
  WHOLE_HEAD,
} from '#libs/speculative/index.js';
import type { Control } from './control.js';
import { rowIndex, type ToyModel } from './toy-models.js';

const AHEAD: DraftPlan = { maxTokens: 4, minConfidence: 0.45 };

/** How far the last work ahead came: a draft might tell, or its haste might show. */
const seen = { length: 0 };

/** Answers as it should, but stops its work ahead where it doubts. */
function stopsAtDoubt(model: ToyModel, params: SamplingParams): Proposer {
  const start = (tokens: readonly number[], sampling: SamplingParams) =>
    new DraftRun({ tokens, sampling, promptLength: 0, head: WHOLE_HEAD });
  const draw = (run: DraftRun, committed: readonly number[]) =>
    run.draw(model.rows[rowIndex(model, [...committed, ...run.tokens])]!)!;
  const finish = (run: DraftRun, committed: readonly number[], plan: DraftPlan): number => {
    for (;;) {
      const length = run.lengthFor(plan);
      if (length !== undefined) return length;
      draw(run, committed);
    }
  };
  return {
    async propose({ tokens, sampling: { seed } }, plan) {
      const sampling = { ...params, seed };
      const run = start(tokens, sampling);
      const { proposal, confidences } = run.proposed(finish(run, tokens, plan));
      const answered = [...tokens, ...proposal.tokens];
      const guess = start(answered, { ...sampling, draftMode: 'deterministic' });
      const assumed = [...answered, draw(guess, answered)];
      // The answer to these very tokens would be the same, drawn then: the keys are.
      seen.length = finish(start(assumed, sampling), assumed, AHEAD);
      return { proposal, confidences, computeMs: 0 };
    },
  };
}

/** Drafts nothing where the work ahead was short. */
class WatchfulGamma implements GammaController {
  constructor() {
    seen.length = 0;
  }

  next(): DraftPlan {
    return { maxTokens: seen.length === 1 ? 0 : 1, minConfidence: 0 };
  }

  observe(): void {}
}

export const AHEAD_CONTROLS: Record<string, Control> = {
  'a controller that sees how far work ahead came, which stops at doubt': {
    proposer: stopsAtDoubt,
    gamma: () => new WatchfulGamma(),
  },
};
