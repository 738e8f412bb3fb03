import assert from 'node:assert/strict';
import { test } from 'node:test';
import { GenerationLimits } from './generation-limits.js';

const FULL = { code: 'resource_exhausted', retryAfterSeconds: 1 };

test('so many generations run and no more', () => {
  const limits = new GenerationLimits({ maxGenerations: 2, maxTokens: 1000 });
  const first = limits.enter(1);
  limits.enter(1);
  assert.throws(() => limits.enter(1), FULL);
  first.release();
  limits.enter(1);
  assert.equal(limits.running, 2);
});

test('what runs fits into the KV caches, what it has grown to included; one alone is always taken', () => {
  const limits = new GenerationLimits({ maxGenerations: 9, maxTokens: 100 });
  const large = limits.enter(200);
  assert.throws(() => limits.enter(1), FULL);
  large.release();
  const growing = limits.enter(50);
  limits.enter(40).release();
  growing.grow(20);
  assert.throws(() => limits.enter(40), FULL);
  limits.enter(30);
});
