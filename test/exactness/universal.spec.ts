// A draft of another vocabulary keeps the target's law in every verification mode: its translation is a deterministic
// proposal, exact whatever its tokens are.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { VerificationMode } from '#libs/sampling/index.js';
import { ConstantGamma, type Proposer } from '#libs/speculative/index.js';
import * as cast from './cast.js';
import { PROMPT, type Simulation, simulate, summary } from './simulate.js';
import { toyVerifier } from './toy-ports.js';
import { declaredAsDrawn, toyUniversalProposer } from './toy-translation.js';

function simulationOf(
  params: Simulation['params'],
  wrap: (proposer: Proposer) => Proposer = (proposer) => proposer,
): Simulation {
  const target = cast.randomTarget(4, 31);
  const verifier = toyVerifier(target, { ...params, seed: 0n }, { promptLength: PROMPT.length });
  return {
    target,
    params,
    length: 4,
    slack: 9,
    ports: () => ({ verifier, proposer: wrap(toyUniversalProposer()), gamma: new ConstantGamma(4) }),
    numSequences: 10_000,
  };
}

const LAWS: Record<string, Simulation['params']> = {
  'temperature 1': cast.PLAIN,
  'top-p and a penalty': { ...cast.PLAIN, topP: 0.9, frequencyPenalty: 0.5 },
};

for (const verification of ['ratio', 'block', 'coupled'] satisfies VerificationMode[])
  for (const [name, law] of Object.entries(LAWS))
    test(`${verification}: a translated draft keeps the target's law: ${name}`, async (t) => {
      const result = await simulate(simulationOf({ ...law, verification }));
      t.diagnostic(summary(result));
      assert.ok(result.pValue > 1e-4, summary(result));
      assert.ok(result.metrics.draft_acceptance_rate > 0.05, summary(result));
      assert.equal(result.failedDrafts, 0);
    });

test('greedy: a translated draft changes no token', async () => {
  const result = await simulate({ ...simulationOf({ ...cast.PLAIN, temperature: 0 }), numSequences: 50 });
  assert.equal(result.statistic, 0, summary(result));
  assert.ok(result.metrics.num_draft_tokens > 0);
});

test('is caught: a translation that is said to have been drawn', async (t) => {
  const result = await simulate(simulationOf({ ...cast.PLAIN, verification: 'ratio' }, declaredAsDrawn));
  t.diagnostic(summary(result));
  assert.equal(result.failedDrafts, 0);
  assert.ok(result.pValue < 1e-12, summary(result));
});
