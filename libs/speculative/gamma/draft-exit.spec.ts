import assert from 'node:assert/strict';
import { test } from 'node:test';
import { DraftExitGamma, DraftExitState } from './draft-exit.js';

const after = (drafted: number, accepted: number, rounds = 1, state = new DraftExitState()) => {
  const gamma = new DraftExitGamma(state);
  for (let i = 0; i < rounds; i++) gamma.observe({ drafted, accepted });
  return gamma.next().minConfidence;
};

test('the threshold rises by a tenth of the step when too little matches, and falls when all does', () => {
  assert.equal(after(0, 0), 0.6, 'a round without a draft says nothing');
  assert.ok(Math.abs(after(4, 0) - 0.601) < 1e-12);
  assert.ok(Math.abs(after(4, 4) - 0.599) < 1e-12);
});

test('a full draft keeps the threshold only while the match rate is at its goal', () => {
  assert.equal(after(12, 12), 0.6);
  assert.ok(after(12, 3) > 0.6, 'otherwise a draft that never exits early would never learn to');
});

test('generations of one pair go on from the same threshold, which stays a probability', () => {
  const state = new DraftExitState();
  after(4, 0, 50, state);
  assert.ok(new DraftExitGamma(state).next().minConfidence > 0.64);
  assert.ok(after(4, 0, 10_000) <= 1);
  assert.ok(after(4, 4, 10_000) >= 0);
});
