import assert from 'node:assert/strict';
import { test } from 'node:test';
import { argmax, rawProbability } from './logits.js';

test('argmax takes the lowest index on ties', () => {
  assert.equal(argmax(Float32Array.of(-1, 5, 5, 2)), 1);
  assert.equal(argmax(Float32Array.of(-3)), 0);
});

test('a logit that is not finite is refused, naming row and index', () => {
  for (const value of [Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY])
    assert.throws(() => argmax(Float32Array.of(1, value, 2), 3), {
      name: 'RangeError',
      message: `Logits row 3 holds ${value} at index 1; every logit must be finite.`,
    });
  assert.throws(() => argmax(new Float32Array(0), 2), /Logits row 2 is empty/);
});

test('raw probability is the softmax before temperature, stable for large logits', () => {
  const row = Float32Array.of(1000, 1000, 1000 + Math.log(2));
  assert.ok(Math.abs(rawProbability(row, 2) - 0.5) < 1e-4);
  assert.ok(Math.abs(rawProbability(row, 0) - 0.25) < 1e-4);
  assert.throws(() => rawProbability(row, 3), /Logits row 0 has no entry 3/);
});
