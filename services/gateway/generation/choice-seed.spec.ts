import assert from 'node:assert/strict';
import { test } from 'node:test';
import { choiceSeed } from './choice-seed.js';

test('the first choice has the seed itself, the others 64 bits that depend on seed and index alone', () => {
  for (const seed of [0n, 7n, 2n ** 64n - 1n]) {
    assert.equal(choiceSeed(seed, 0), seed);
    const others = Array.from({ length: 15 }, (_, i) => choiceSeed(seed, i + 1));
    assert.deepEqual(
      others,
      others.map((_, i) => choiceSeed(seed, i + 1)),
    );
    for (const other of others) assert.equal(other, BigInt.asUintN(64, other));
  }
});

test('no two of neighbouring seeds and indices meet, and half of the bits change from one to the next', () => {
  const seen = new Set<bigint>();
  let flipped = 0;
  for (let seed = 0n; seed < 64n; seed++)
    for (let index = 1; index < 16; index++) {
      const here = choiceSeed(seed, index);
      seen.add(here);
      const difference = here ^ choiceSeed(seed + 1n, index);
      flipped += difference.toString(2).replaceAll('0', '').length;
    }
  assert.equal(seen.size, 64 * 15);
  const mean = flipped / (64 * 15);
  assert.ok(mean > 31 && mean < 33, `${mean} bits`);
});
