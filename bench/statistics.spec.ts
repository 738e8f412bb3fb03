import assert from 'node:assert/strict';
import { test } from 'node:test';
import { bootstrap, median, quantile } from './statistics.js';

test('quantiles interpolate and do not reorder their input', () => {
  const values = [4, 1, 3, 2];
  assert.equal(median(values), 2.5);
  assert.equal(quantile(values, 0), 1);
  assert.equal(quantile(values, 1), 4);
  assert.deepEqual(values, [4, 1, 3, 2]);
});

test('the bootstrap interval holds the statistic, and is the same each time', () => {
  const values = Array.from({ length: 50 }, (_, i) => Math.sin(i) + 2);
  const interval = bootstrap(values, median);
  assert.ok(interval.low < median(values) && median(values) < interval.high);
  assert.deepEqual(bootstrap(values, median), interval);
});
