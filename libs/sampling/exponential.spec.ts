import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { expOfNegative } from './exponential.js';

test('agrees with the engine’s own to float64’s last bits', () => {
  assert.equal(expOfNegative(0), 1);
  assert.equal(expOfNegative(-0), 1);
  fc.assert(
    fc.property(fc.double({ min: -707, max: 0, noNaN: true }), (x) => {
      const exact = Math.exp(x);
      assert.ok(Math.abs(expOfNegative(x) - exact) <= 1e-14 * exact, `${x}`);
    }),
    { numRuns: 5_000 },
  );
});

test('never rises where x falls, and ends at 0', () => {
  for (let x = 0; x > -50; x -= 1e-3) assert.ok(expOfNegative(x - 1e-3) < expOfNegative(x));
  for (const x of [-709, -1e6, -3.4e38, Number.NEGATIVE_INFINITY]) assert.equal(expOfNegative(x), 0);
});
