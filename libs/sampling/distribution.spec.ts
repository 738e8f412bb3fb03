import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { distributionOf, oneHot, probabilityOf, sampleFrom } from './distribution.js';

test('sampling inverts the cumulative law in ascending id', () => {
  const dense = distributionOf(undefined, Float64Array.of(1, 0, 2, 1));
  const sparse = distributionOf(Uint32Array.of(0, 2, 3), Float64Array.of(1, 2, 1));
  for (const [u, token] of [
    [0, 0],
    [0.2499, 0],
    [0.25, 2],
    [0.7499, 2],
    [0.75, 3],
    [1 - 2 ** -53, 3],
  ] as const) {
    assert.equal(sampleFrom(dense, u), token);
    assert.equal(sampleFrom(sparse, u), token, 'storage does not change the draw');
  }
});

test('a token of probability 0 is never drawn, whatever the draw', () => {
  const weights = fc.array(fc.constantFrom(0, 0, 1e-30, 0.1, 3), { minLength: 1, maxLength: 12 });
  const draw = fc.double({ min: 0, max: 1 - 2 ** -53, noNaN: true });
  fc.assert(
    fc.property(weights, draw, (values, u) => {
      fc.pre(values.some((value) => value > 0));
      const law = distributionOf(undefined, Float32Array.from(values));
      assert.ok(probabilityOf(law, sampleFrom(law, u)) > 0);
    }),
  );
});

test('probabilities are relative to the mass that the rounded weights really have', () => {
  const law = distributionOf(Uint32Array.of(4, 9), Float32Array.of(0.1, 0.2));
  assert.equal(probabilityOf(law, 4) + probabilityOf(law, 9), 1);
  assert.equal(probabilityOf(law, 5), 0);
  assert.equal(probabilityOf(distributionOf(undefined, Float64Array.of(1, 1)), 2), 0);
});

test('a certain choice has probability 1', () => {
  assert.equal(sampleFrom(oneHot(31), 0.999), 31);
  assert.equal(probabilityOf(oneHot(31), 31), 1);
  assert.equal(probabilityOf(oneHot(31), 30), 0);
});

test('a law without mass cannot be sampled from', () => {
  assert.throws(() => sampleFrom(distributionOf(undefined, new Float64Array(3)), 0.5), RangeError);
});
