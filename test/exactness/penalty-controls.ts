// Plausible mistakes with what the history decides. Each must be caught; a draft that ignores the history must not.
import type { SamplingParams } from '#libs/sampling/index.js';
import { ConstantGamma } from '#libs/speculative/index.js';
import * as cast from './cast.js';
import { PROMPT, type Simulation } from './simulate.js';
import { toyProposer, toyVerifier, type View } from './toy-ports.js';

const NUM_SEQUENCES = 15_000;

interface PenaltyControl {
  readonly params: Partial<SamplingParams>;
  readonly view?: View;
  /** What the verifier takes for the prompt's length. */
  readonly promptLength?: number;
  /** What the draft takes for the request. */
  readonly draftParams?: Partial<SamplingParams>;
  /** Not a mistake after all: must pass. */
  readonly isExact?: true;
}

/** The history without the drafted prefix. */
const ignoresDraft: View = (history) => history.continueWith([], 0);

const countsTwice: View = (history, drafted, i) =>
  history.continueWith(
    [...drafted.subarray(0, i)].flatMap((token) => [token, token]),
    2 * i,
  );

/** One token further than the position: the drafted token penalises itself. */
const seesItself: View = (history, drafted, i) =>
  history.continueWith(drafted, Math.min(i + 1, drafted.length));

export const PENALTY_CONTROLS: Record<string, PenaltyControl> = {
  'a frequency penalty that ignores the drafted prefix': {
    params: { frequencyPenalty: 1.5 },
    view: ignoresDraft,
  },
  'a presence penalty that ignores the drafted prefix': {
    params: { presencePenalty: 1.5 },
    view: ignoresDraft,
  },
  'a repetition penalty that ignores the drafted prefix': {
    params: { repetitionPenalty: 3 },
    view: ignoresDraft,
  },
  'an accepted token counted twice': { params: { frequencyPenalty: 1 }, view: countsTwice },
  'a drafted token that penalises itself': {
    params: { frequencyPenalty: 1 },
    view: seesItself,
  },
  'the prompt taken for generated tokens': { params: { presencePenalty: 1 }, promptLength: 0 },
  'a draft that ignores all penalties': {
    params: {
      frequencyPenalty: 1,
      presencePenalty: 0.5,
      repetitionPenalty: 1.5,
      minP: 0.1,
      bannedTokenIds: [3],
    },
    draftParams: {},
    isExact: true,
  },
};

export function penaltyControlOf(name: string): Simulation {
  const control = PENALTY_CONTROLS[name]!;
  const target = cast.randomTarget(4, 10);
  const model = cast.closeDraft(target, 2);
  const params = { ...cast.PLAIN, ...control.params };
  const sampling = { ...params, seed: 0n };
  const promptLength = control.promptLength ?? PROMPT.length;
  const verifier = toyVerifier(target, sampling, {
    promptLength,
    ...(control.view && { view: control.view }),
  });
  const draftSampling = { ...cast.PLAIN, ...(control.draftParams ?? control.params), seed: 0n };
  const proposer = toyProposer(model, draftSampling, { promptLength });
  return {
    target,
    params,
    length: 4,
    slack: 3,
    ports: () => ({ verifier, proposer, gamma: new ConstantGamma(4) }),
    numSequences: NUM_SEQUENCES,
  };
}
