import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Stopwatch } from './stopwatch.js';

function watchAt(...times: number[]): Stopwatch {
  return new Stopwatch(() => times.shift()!);
}

test('the mean time a token leaves out the first round, whose tokens come together', () => {
  const watch = watchAt(100, 150, 170, 190);
  assert.equal(watch.lap(3), 50);
  assert.equal(watch.lap(1), 20);
  assert.equal(watch.lap(3), 20);
  assert.deepEqual(watch.timings(), {
    timeToFirstTokenMs: 50,
    generationTimeMs: 90,
    meanItlMs: 10,
    tokensPerSecond: 7000 / 90,
  });
});

test('without tokens there is no first one, and nothing is divided by zero', () => {
  const watch = watchAt(5, 5);
  watch.lap(0);
  assert.deepEqual(watch.timings(), {
    timeToFirstTokenMs: null,
    generationTimeMs: 0,
    meanItlMs: null,
    tokensPerSecond: 0,
  });
});
