import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { tokenLogprobs } from './logprobs.js';

const LOWEST_FLOAT32 = -3.4028234663852886e38;

/** By definition, with every intermediate in the open: only for logits of moderate size. */
function naive(logits: Float32Array, token: number): number {
  let mass = 0;
  for (const logit of logits) mass += Math.exp(logit);
  return Math.log(Math.exp(logits[token]!) / mass);
}

const row = fc
  .array(fc.float({ min: -20, max: 20, noNaN: true }), { minLength: 1, maxLength: 60 })
  .map((values) => Float32Array.from(values));

test('a log probability is the naive one, and the alternatives are those of a full sort', () => {
  fc.assert(
    fc.property(row, fc.nat(), fc.nat(25), (logits, pick, numTop) => {
      const token = pick % logits.length;
      const before = logits.slice();
      const { logprob, topIds, topLogprobs } = tokenLogprobs(logits, token, numTop);
      assert.ok(Math.abs(logprob - naive(logits, token)) < 1e-5);
      const sorted = [...logits.keys()].sort((a, b) => logits[b]! - logits[a]! || a - b);
      assert.deepEqual(topIds, sorted.slice(0, numTop));
      topIds.forEach((id, i) => {
        assert.equal(topLogprobs[i], tokenLogprobs(logits, id, 0).logprob);
      });
      assert.deepEqual(logits, before);
    }),
  );
});

test('the lower id comes first on ties, whatever order they are met in', () => {
  assert.deepEqual(tokenLogprobs(Float32Array.of(1, 3, 3, 2, 3, 2), 0, 5).topIds, [1, 2, 4, 3, 5]);
  assert.deepEqual(tokenLogprobs(Float32Array.of(2, 2, 2, 2), 3, 2).topIds, [0, 1]);
});

test('it is finite and at most 0 for every finite row', () => {
  assert.deepEqual(tokenLogprobs(Float32Array.of(5), 0, 1), { logprob: 0, topIds: [0], topLogprobs: [0] });
  const extreme = Float32Array.of(-LOWEST_FLOAT32, LOWEST_FLOAT32, 0);
  assert.equal(tokenLogprobs(extreme, 1, 0).logprob, LOWEST_FLOAT32);
  assert.equal(tokenLogprobs(extreme, 0, 0).logprob, 0);
  assert.equal(tokenLogprobs(Float32Array.of(-1000, 0), 0, 0).logprob, -1000);
});

test('a broken row or a token outside it is refused', () => {
  assert.throws(() => tokenLogprobs(Float32Array.of(1, Number.NaN), 0, 1), RangeError);
  assert.throws(() => tokenLogprobs(Float32Array.of(1, 2), 2, 1), RangeError);
});
