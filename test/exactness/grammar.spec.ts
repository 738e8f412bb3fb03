// Masks along the draft path keep the law: the target's, restricted to the grammar, token by token.
import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import { GrammarFollower, packVocabulary } from '#libs/grammar/index.js';
import { ConstantGamma } from '#libs/speculative/index.js';
import * as cast from './cast.js';
import { type Simulation, simulate, summary } from './simulate.js';
import {
  advancedByRejected,
  END_TOKEN,
  type GrammarView,
  grammarVerifier,
  isAllowed,
  maskOfFirstRow,
  TOY_TOKENS,
} from './toy-grammar.js';
import { toyProposer } from './toy-ports.js';

const follower = new GrammarFollower({ vocabulary: packVocabulary(TOY_TOKENS, [END_TOKEN]) });
after(() => follower.close());

interface GrammarCase {
  readonly params?: Partial<Simulation['params']>;
  readonly gamma?: number;
  readonly mode?: 'deterministic';
  readonly view?: () => GrammarView;
}

function simulationOf({ params: given, gamma = 4, mode, view }: GrammarCase): Simulation {
  const target = cast.randomTarget(5, 21);
  const params = { ...cast.PLAIN, ...given };
  const sampling = { ...params, seed: 0n };
  const proposer = toyProposer(cast.closeDraft(target, 2), sampling, {
    ...(mode && { mode }),
    promptLength: 4,
  });
  return {
    target,
    params,
    length: 4,
    slack: 6,
    stopTokenIds: new Set([END_TOKEN]),
    isAllowed,
    ports: () => ({
      verifier: grammarVerifier(target, sampling, follower, view?.()),
      proposer,
      gamma: new ConstantGamma(gamma),
    }),
    numSequences: 8_000,
  };
}

const CASES: Record<string, GrammarCase> = {
  'gamma 4': {},
  'gamma 2': { gamma: 2 },
  'a deterministic draft': { mode: 'deterministic', gamma: 3 },
  'penalties, a bias and top-p': {
    params: { frequencyPenalty: 0.7, repetitionPenalty: 1.3, logitBias: new Map([[3, 0.8]]), topP: 0.9 },
  },
};

for (const [name, each] of Object.entries(CASES))
  test(`a grammar with ${name}: the law is the target's within the grammar`, async (t) => {
    const result = await simulate(simulationOf(each));
    t.diagnostic(summary(result));
    assert.ok(result.pValue > 1e-4, summary(result));
    assert.ok(result.metrics.draft_acceptance_rate > 0.05);
  });

test('is caught: a matcher that rejected tokens advance', async (t) => {
  const result = await simulate(simulationOf({ view: advancedByRejected }));
  t.diagnostic(summary(result));
  assert.ok(result.pValue < 1e-12, summary(result));
});

test('is caught: the first mask for every row commits what the next round refuses', async () => {
  const simulation = simulationOf({ view: () => maskOfFirstRow });
  await assert.rejects(simulate(simulation), /Generated token \d is not what the grammar allows/);
});
