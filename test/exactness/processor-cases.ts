// Each sampling parameter beyond temperature, top-k and top-p alone, each pair of them, and all of a kind together.
import type { SamplingParams } from '#libs/sampling/index.js';
import { ConstantGamma, HeuristicGamma } from '#libs/speculative/index.js';
import type { Case } from './case.js';
import * as cast from './cast.js';

const STOP_TOKEN = 2;

/** For a vocabulary of 5. No pair forbids everything. */
export const PROCESSORS: Record<string, Partial<SamplingParams>> = {
  'min-p': { minP: 0.22 },
  'typical-p': { typicalP: 0.7 },
  'frequency penalty': { frequencyPenalty: 0.8 },
  'presence penalty': { presencePenalty: -1.1 },
  'repetition penalty': { repetitionPenalty: 1.6 },
  'logit bias': {
    logitBias: new Map([
      [0, 1.3],
      [3, -0.9],
      [4, -100],
    ]),
  },
  'allowed tokens': { allowedTokenIds: [0, 1, 2, 4] },
  'banned tokens': { bannedTokenIds: [1] },
  'bad words': { badWords: [[1, 2], [0, 0], [2, 1, 0], [4, 3, 3], [1, 2, 1, 4], []] },
  'min tokens': { minTokens: 3, stopTokenIds: [STOP_TOKEN] },
};

function processorCase(params: Partial<SamplingParams>, numSequences: number): Case {
  return {
    params,
    numSequences,
    vocabSize: 5,
    length: 4,
    slack: 3,
    gamma: () => new ConstantGamma(3),
    ...(params.minTokens !== undefined && { stopTokenIds: new Set([STOP_TOKEN]) }),
  };
}

function singles(): Record<string, Case> {
  return Object.fromEntries(
    Object.entries(PROCESSORS).map(([name, params]) => [name, processorCase(params, 10_000)]),
  );
}

function pairs(): Record<string, Case> {
  const all = Object.entries(PROCESSORS);
  return Object.fromEntries(
    all.flatMap(([first, one], i) =>
      all
        .slice(i + 1)
        .map(([second, other]) => [`${first} and ${second}`, processorCase({ ...one, ...other }, 3_000)]),
    ),
  );
}

const PENALTIES = { frequencyPenalty: 0.5, presencePenalty: 0.4, repetitionPenalty: 1.2 };

const EVERYTHING: Partial<SamplingParams> = {
  ...Object.assign({}, ...Object.values(PROCESSORS)),
  ...PENALTIES,
  // With the other list, the prompt's end, the bad words and min tokens would leave no first token.
  allowedTokenIds: [0, 2, 3, 4],
  logitBias: new Map([
    [0, 0.6],
    [4, -0.4],
  ]),
  temperature: 1.6,
  topK: 4,
  topP: 0.98,
  minP: 0.02,
  typicalP: 0.97,
};

export const PROCESSOR_CASES: Record<string, Case> = {
  ...singles(),
  ...pairs(),
  'all penalties, a long draft': {
    ...processorCase(PENALTIES, 10_000),
    slack: 9,
    gamma: () => new ConstantGamma(8),
  },
  'all penalties, a deterministic draft': processorCase({ ...PENALTIES, draftMode: 'deterministic' }, 10_000),
  'all parameters, failures and doubt together': {
    ...processorCase(EVERYTHING, 10_000),
    gamma: () => new HeuristicGamma({ minConfidence: 0.3 }),
    wrap: (proposer) => cast.unreliable(proposer, 0.2),
  },
};
