// A draft of another vocabulary keeps the target's law also where the request's parameters change it; without any, and
// with mistakes: sources.spec.ts
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { VerificationMode } from '#libs/sampling/index.js';
import { ConstantGamma } from '#libs/speculative/index.js';
import * as cast from './cast.js';
import { PROMPT, type Simulation, simulate, summary } from './simulate.js';
import { toyVerifier } from './toy-ports.js';
import { toyUniversalProposer } from './toy-translation.js';

function simulationOf(params: Simulation['params']): Simulation {
  const target = cast.randomTarget(4, 31);
  const verifier = toyVerifier(target, { ...params, seed: 0n }, { promptLength: PROMPT.length });
  return {
    target,
    params,
    length: 4,
    slack: 9,
    ports: () => ({ verifier, proposer: toyUniversalProposer(), gamma: new ConstantGamma(4) }),
    numSequences: 10_000,
  };
}

const LAW = { ...cast.PLAIN, topP: 0.9, frequencyPenalty: 0.5 };

for (const verification of ['ratio', 'block', 'coupled'] satisfies VerificationMode[])
  test(`${verification}: a translated draft keeps the target's law under top-p and a penalty`, async (t) => {
    const result = await simulate(simulationOf({ ...LAW, verification }));
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
