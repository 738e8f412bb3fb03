import assert from 'node:assert/strict';
import { test } from 'node:test';
import { SpeculationStats } from './stats.js';

test('rounds add up to vLLM’s metrics; rounds without a draft do not count', () => {
  const stats = new SpeculationStats(3);
  for (const [drafted, accepted] of [
    [0, 0],
    [3, 3],
    [3, 0],
    [2, 1],
  ] as const)
    stats.add({ drafted, accepted });
  assert.deepEqual(stats.toMetrics(), {
    mean_acceptance_length: 1 + 4 / 3,
    draft_acceptance_rate: 0.5,
    acceptance_histogram: [1, 1, 0, 1],
    num_spec_steps: 3,
    num_accepted_draft_tokens: 4,
    num_draft_tokens: 8,
    num_spec_tokens: 3,
  });
});

test('without any draft all is 0, and a larger draft than foreseen widens the histogram', () => {
  const stats = new SpeculationStats(1);
  assert.deepEqual(stats.toMetrics().acceptance_histogram, [0, 0]);
  assert.equal(stats.toMetrics().mean_acceptance_length, 0);
  stats.add({ drafted: 3, accepted: 2 });
  assert.deepEqual(stats.toMetrics().acceptance_histogram, [0, 0, 1, 0]);
  assert.equal(stats.toMetrics().num_spec_tokens, 3);
});
