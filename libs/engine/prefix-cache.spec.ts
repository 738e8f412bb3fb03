import assert from 'node:assert/strict';
import { test } from 'node:test';
import { KvCache } from './kv-cache.js';
import { copyStored, PrefixCache } from './prefix-cache.js';
import { assertHolds, feed, range, SHAPE } from './rows-testing.js';
import type { Slot } from './slot.js';
import type { TokenHash } from './token-hash.js';

function slotOf(tokens: readonly number[], salt?: string): Slot {
  const cache = new KvCache(SHAPE, 256);
  return { tokens: [...tokens], cache, salt, lastUsedMs: 0, pins: 0, exactLength: tokens.length };
}

function scene(hash?: TokenHash) {
  const clock = { ms: 0 };
  const cache = new PrefixCache({ shape: SHAPE, now: () => clock.ms, hash });
  const keep = (tokens: readonly number[], salt?: string) => {
    const slot = feed(slotOf(tokens, salt));
    cache.keep(salt, slot.tokens, tokens.length, slot.cache);
    assert.deepEqual([slot.cache.capacity, slot.cache.parts, slot.cache.feeds], [0, [], {}]);
  };
  /** How much of the sequence is stored; its rows are checked. */
  const found = (tokens: readonly number[], salt?: string): number => {
    const slot = slotOf(tokens, salt);
    const stored = cache.find(salt, tokens, tokens.length);
    copyStored(slot.cache, stored);
    assertHolds(slot, stored.length);
    return stored.length;
  };
  return { cache, clock, keep, found };
}

const BEGINNING = range(1, 101);

test('a sequence is found in whole blocks and in the part of the next one that agrees', () => {
  const { keep, found } = scene();
  keep(range(1, 211));
  assert.equal(found(range(1, 211)), 210);
  assert.equal(found(range(1, 151)), 150);
  assert.equal(found([...range(1, 131), 999]), 130);
  assert.equal(found([...range(1, 41), 999]), 40);
  assert.equal(found([999, ...range(1, 211)]), 0);
  assert.equal(found([]), 0);
});

test('sequences share the blocks of their beginning, and what one says twice is stored once', () => {
  const { cache, keep, found } = scene();
  keep([...BEGINNING, ...range(300, 420)]);
  const { bytes, size } = cache;
  assert.equal(size, 4);
  keep([...BEGINNING, ...range(300, 420)]);
  keep(BEGINNING);
  assert.deepEqual([cache.bytes, cache.size], [bytes, size]);
  keep([...BEGINNING, ...range(500, 620)]);
  assert.equal(cache.size, 7);
  assert.equal(found([...BEGINNING, ...range(500, 620)]), 220);
  assert.equal(found([...BEGINNING, ...range(300, 420)]), 220);
});

test('a sequence that goes on takes the place of its own short end', () => {
  const { cache, keep, found } = scene();
  keep(range(1, 81));
  assert.equal(cache.size, 2);
  keep(range(1, 101));
  assert.equal(cache.size, 2);
  keep(range(1, 151));
  assert.equal(cache.size, 3);
  assert.equal(found(range(1, 151)), 150);
  assert.equal(cache.bytes, 150 * 64);
});

test('an end of fewer than 16 tokens is not kept', () => {
  const { cache, keep } = scene();
  keep(range(1, 16));
  assert.equal(cache.size, 0);
  keep(range(1, 64 + 16));
  assert.equal(cache.bytes, 64 * 64);
});

test('the end of the least recently used sequence goes first, and a shared beginning last', () => {
  const { cache, keep, found } = scene();
  keep([...BEGINNING, ...range(300, 420)]);
  keep([...BEGINNING, ...range(500, 620)]);
  found([...BEGINNING, ...range(300, 420)]);
  const drop = () => {
    const block = cache.oldest!;
    assert.equal(block.children.size, 0);
    cache.drop(block);
    return block.tokens.at(-1);
  };
  assert.deepEqual([drop(), drop(), drop()], [619, 591, 527]);
  assert.equal(found([...BEGINNING, ...range(300, 420)]), 220);
  assert.deepEqual([drop(), drop(), drop(), drop()], [419, 391, 327, 64]);
  assert.deepEqual([cache.size, cache.bytes, cache.oldest], [0, 0, undefined]);
  keep(BEGINNING);
  assert.equal(found(BEGINNING), 100);
});

test('salts share nothing', () => {
  const { cache, keep, found } = scene();
  keep(BEGINNING, 'tenant 1');
  assert.deepEqual([found(BEGINNING, 'tenant 2'), found(BEGINNING)], [0, 0]);
  keep(BEGINNING, 'tenant 2');
  assert.equal(cache.size, 4);
  assert.equal(found(BEGINNING, 'tenant 1'), 100);
});

test('a hash alone never decides: all blocks of all salts under one hash are told apart', () => {
  const { keep, found } = scene(() => 0);
  const texts = [range(1, 211), [...range(1, 65), ...range(400, 500)], range(2, 150), range(65, 130)];
  for (const text of texts) for (const salt of ['a', 'b']) keep(text, salt);
  for (const text of texts) {
    assert.equal(found(text, 'a'), text.length - (text.length % 64 < 16 ? text.length % 64 : 0));
    assert.equal(found(text, 'c'), 0);
  }
  // The same tokens behind another beginning are other rows.
  assert.equal(found([...range(700, 764), ...range(65, 130)], 'a'), 0);
});

test('what was not used for its time is dropped, beginnings that others use are not', () => {
  const { cache, clock, keep, found } = scene();
  keep([...BEGINNING, ...range(300, 420)]);
  clock.ms = 10;
  assert.equal(found(BEGINNING), 100);
  cache.expire(5);
  assert.equal(found([...BEGINNING, ...range(300, 420)]), 128);
  cache.expire(10);
  assert.equal(cache.size, 0);
});
