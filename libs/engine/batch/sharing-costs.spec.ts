import assert from 'node:assert/strict';
import { test } from 'node:test';
import { fewestWorthSharing } from './sharing-costs.js';

test('a forward is shared from where it is a tenth quicker than one each', () => {
  assert.equal(fewestWorthSharing({ alone: 11, two: 15, full: 33 }, 8), 2);
  assert.equal(fewestWorthSharing({ alone: 0.74, two: 1.86, full: 4.27 }, 8), 4);
  assert.equal(fewestWorthSharing({ alone: 1, two: 1.8, full: 1.8 }, 2), 2);
});

test('a graph that is never quicker is never used', () => {
  assert.equal(fewestWorthSharing({ alone: 0.5, two: 1.4, full: 4 }, 8), Number.POSITIVE_INFINITY);
  assert.equal(fewestWorthSharing({ alone: 1, two: 1.9, full: 1.9 }, 2), Number.POSITIVE_INFINITY);
});
