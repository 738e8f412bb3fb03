import assert from 'node:assert/strict';
import { test } from 'node:test';
import { chiSquaredTest, survival } from './chi-squared.js';

test('the survival function gives the tabulated quantiles', () => {
  for (const [x, degreesOfFreedom, expected] of [
    [3.841459, 1, 0.05],
    [6.634897, 1, 0.01],
    [18.307038, 10, 0.05],
    [124.342113, 100, 0.05],
    [149.449253, 100, 0.001],
    [77.929465, 100, 0.95],
  ] as const)
    assert.ok(Math.abs(survival(x, degreesOfFreedom) - expected) < 1e-6, `${x}, ${degreesOfFreedom}`);
});

test('two degrees of freedom have the closed form exp(−x / 2), also far out', () => {
  for (const x of [0.1, 1, 2.9, 3.1, 10, 100, 1000])
    assert.ok(Math.abs(survival(x, 2) / Math.exp(-x / 2) - 1) < 1e-10);
  assert.equal(survival(0, 5), 1);
  assert.equal(survival(Number.POSITIVE_INFINITY, 5), 0);
});

test('counts like the law pass, others fail, impossible outcomes fail at once', () => {
  const law = new Map([
    ['a', 0.5],
    ['b', 0.3],
    ['c', 0.2],
  ]);
  const counts = (a: number, b: number, c: number) => new Map(Object.entries({ a, b, c }));
  assert.ok(chiSquaredTest(counts(507, 297, 196), law).pValue > 0.5);
  assert.ok(chiSquaredTest(counts(600, 240, 160), law).pValue < 1e-8);
  assert.equal(chiSquaredTest(new Map([['d', 1]]), law).pValue, 0);
});

test('rare outcomes are pooled', () => {
  const law = new Map([
    ['a', 0.98],
    ['b', 0.01],
    ['c', 0.01],
  ]);
  const result = chiSquaredTest(
    new Map([
      ['a', 392],
      ['b', 8],
    ]),
    law,
  );
  assert.equal(result.degreesOfFreedom, 1);
  assert.ok(result.pValue > 0.9);
});
