// Optimistic drafting as the draft service does it: its own streams, queue and slots over a toy model. The clock counts
// forwards, so controllers see all that work ahead saves, and costs.

import { setImmediate as nextTurn } from 'node:timers/promises';
import { Drafting, DraftStream, Head } from '#libs/drafting/index.js';
import type { SamplingParams } from '#libs/sampling/index.js';
import {
  AheadGamma,
  ALWAYS_AHEAD,
  ConstantGamma,
  GoodputGamma,
  GoodputKnowledge,
  type Proposer,
} from '#libs/speculative/index.js';
import { ToyEngine } from '../support/toy-engine.js';
import type { Case } from './case.js';
import { rowIndex, type ToyModel } from './toy-models.js';

const NUM_SEQUENCES = 3_000;
/** Turns of the event loop that the target's forward takes: enough for all of the work ahead, or for some of it. */
const TURNS = [40, 7];

export function aheadCases(): Record<string, Case> {
  const knowledge = new GoodputKnowledge();
  let forwards = () => 0;
  const proposer = (model: ToyModel, params: SamplingParams): Proposer => {
    const worksAhead = aheadProposer(model, params);
    forwards = () => worksAhead.engine.numForwards;
    return worksAhead;
  };
  // Long enough that answers from work ahead, and those that threw it away, are among what is tested.
  const size = { vocabSize: 3, length: 6, numSequences: NUM_SEQUENCES };
  const drafting = { proposer, ...size, now: () => forwards() };
  return {
    'work ahead': {
      ...drafting,
      gamma: () => new AheadGamma(new ConstantGamma(2, 0.4), ALWAYS_AHEAD),
    },
    'work ahead, penalties, the goodput controller': {
      ...drafting,
      params: { frequencyPenalty: 0.4 },
      gamma: () => new AheadGamma(new GoodputGamma(knowledge, { maxTokens: 3 }), ALWAYS_AHEAD),
    },
  };
}

/** Answers like the draft service, and lets it work ahead while the target would verify. */
function aheadProposer(model: ToyModel, params: SamplingParams): Proposer & { readonly engine: ToyEngine } {
  const engine = new ToyEngine({
    vocabSize: model.vocabSize,
    logitsOf: (sequence) => model.rows[rowIndex(model, Array.from(sequence.slice(-2)))]!,
  });
  const stream = new DraftStream(new Drafting(engine, new Head(undefined, model.vocabSize)));
  let sampling: SamplingParams | undefined;
  return {
    engine,
    async propose(sequence, plan, signal) {
      if (sampling?.seed !== sequence.sampling.seed) sampling = { ...params, seed: sequence.sampling.seed };
      const call = { ...sequence, ...plan, sampling, prefixLength: 0 };
      const answer = await stream.propose(call, signal);
      const { ahead = 0 } = plan;
      stream.workAhead(ahead);
      const goal = engine.numForwards + ahead + 1;
      const turns = TURNS[sequence.tokens.length % TURNS.length]!;
      for (let i = 0; ahead > 0 && i < turns && engine.numForwards < goal; i++) await nextTurn();
      return answer;
    },
  };
}
