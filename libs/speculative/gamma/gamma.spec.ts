import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ConstantGamma } from './constant.js';
import { HeuristicGamma } from './heuristic.js';

test('constant gamma stays, whatever happens', () => {
  const gamma = new ConstantGamma(3, 0.4);
  gamma.observe();
  assert.deepEqual(gamma.next(), { maxTokens: 3, minConfidence: 0.4 });
});

test('heuristic gamma starts at 5, grows by 2 after full acceptance and shrinks by 1 otherwise', () => {
  const gamma = new HeuristicGamma();
  const after = (drafted: number, accepted: number) => {
    gamma.observe({ drafted, accepted });
    return gamma.next().maxTokens;
  };
  assert.equal(gamma.next().maxTokens, 5);
  assert.equal(after(5, 5), 7);
  assert.equal(after(7, 7), 8);
  assert.equal(after(8, 7), 7);
  assert.equal(after(0, 0), 7, 'a failed draft is not counted against it');
  for (let i = 0; i < 10; i++) after(4, 0);
  assert.equal(gamma.next().maxTokens, 1);
});

test('heuristic gamma keeps its bounds and its confidence', () => {
  const gamma = new HeuristicGamma({ start: 9, min: 2, max: 4, minConfidence: 0.3 });
  assert.deepEqual(gamma.next(), { maxTokens: 4, minConfidence: 0.3 });
  for (let i = 0; i < 5; i++) gamma.observe({ drafted: 4, accepted: 1 });
  assert.equal(gamma.next().maxTokens, 2);
});
