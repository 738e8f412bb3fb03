import assert from 'node:assert/strict';
import { test } from 'node:test';
import { bytesPerToken, KvCache } from './kv-cache.js';
import { SlotsPinnedError } from './kv-memory.js';
import type { Slot } from './slot.js';
import { SlotTable } from './slots.js';

const SHAPE = { numLayers: 1, numKvHeads: 1, headDim: 4 };
const CACHE_BYTES = 256 * bytesPerToken(SHAPE);

function table(maxCaches = 4, now = () => 0): SlotTable {
  return new SlotTable({
    shape: SHAPE,
    maxBytes: maxCaches * CACHE_BYTES,
    ttlMs: 1000,
    now,
  });
}

function use(slots: SlotTable, key: string, tokens: number[], prefixLength = 0): Slot {
  const slot = slots.acquire({ key, prefixLength, tokens, room: 2 });
  return slot;
}

/** Pretends that a forward has run over all tokens. */
function feed(slot: Slot): void {
  slot.cache.length = slot.tokens.length;
}

test('a slot keeps the longest common prefix and always leaves the last token to feed', () => {
  const slots = table();
  feed(use(slots, 'a', [1, 2, 3, 4]));
  assert.equal(use(slots, 'a', [1, 2, 9, 9]).cache.length, 2);
  const slot = use(slots, 'a', [1, 2, 9, 9]);
  feed(slot);
  assert.equal(use(slots, 'a', [1, 2, 9, 9]).cache.length, 3);
  assert.deepEqual(slot.tokens, [1, 2, 9, 9]);
});

test('a request names only what is new, and what was drafted in vain is forgotten', () => {
  const slots = table();
  const slot = use(slots, 'a', [1, 2, 3]);
  slot.tokens.push(7, 8);
  feed(slot);
  assert.equal(use(slots, 'a', [7, 5], 3).cache.length, 4);
  assert.deepEqual(slot.tokens, [1, 2, 3, 7, 5]);
});

test('an unknown prefix is session_lost, in a missing slot and in a shorter one', () => {
  const slots = table();
  assert.throws(() => use(slots, 'a', [4], 3), { code: 'session_lost' });
  assert.equal(slots.size, 0);
  use(slots, 'a', [1, 2]);
  assert.throws(() => use(slots, 'a', [4], 3), { code: 'session_lost' });
});

test('the least recently used slot makes room, and its session is lost', () => {
  const slots = table(2);
  use(slots, 'a', [1]);
  use(slots, 'b', [1]);
  use(slots, 'a', [1, 2]);
  use(slots, 'c', [1]);
  assert.equal(slots.size, 2);
  assert.equal(slots.bytes, 2 * CACHE_BYTES);
  assert.throws(() => use(slots, 'b', [2], 1), { code: 'session_lost' });
  assert.deepEqual(use(slots, 'a', [3], 2).tokens, [1, 2, 3]);
});

test('a growing slot evicts others, and one that alone exceeds the budget is refused', () => {
  const slots = table(3);
  use(slots, 'a', [1]);
  use(slots, 'b', [1]);
  use(
    slots,
    'b',
    Array.from({ length: 400 }, (_, i) => i),
  );
  assert.equal(slots.size, 2);
  assert.equal(slots.bytes, 3 * CACHE_BYTES);
  assert.throws(
    () =>
      use(
        slots,
        'c',
        Array.from({ length: 800 }, () => 1),
      ),
    { code: 'resource_exhausted' },
  );
});

test('a slot unused for its time to live is dropped', () => {
  let now = 0;
  const slots = table(4, () => now);
  use(slots, 'a', [1]);
  now = 900;
  use(slots, 'b', [1]);
  now = 1100;
  slots.evictExpired();
  assert.equal(slots.size, 1);
  assert.throws(() => use(slots, 'a', [2], 1), { code: 'session_lost' });
});

test('growing a cache keeps the rows that hold tokens, head by head', () => {
  const shape = { numLayers: 1, numKvHeads: 2, headDim: 2 };
  const cache = new KvCache(shape);
  const keys = cache.feeds['past.0.k']!.data as Float32Array;
  keys.set([1, 2, 3, 4], 0);
  keys.set([5, 6, 7, 8], 256 * 2);
  cache.length = 2;
  cache.reserve(257);
  const grown = cache.feeds['past.0.k']!.data as Float32Array;
  assert.equal(cache.capacity, 512);
  assert.deepEqual([...grown.subarray(0, 4)], [1, 2, 3, 4]);
  assert.deepEqual([...grown.subarray(512 * 2, 512 * 2 + 4)], [5, 6, 7, 8]);
  assert.equal(cache.fetches['present.0.k'], cache.feeds['past.0.k']);
});

test('a pinned slot is neither evicted nor expired; what fits only without it has to wait', () => {
  const clock = { ms: 0 };
  const slots = table(2, () => clock.ms);
  const pinned = use(slots, 'a', [1, 2]);
  feed(pinned);
  pinned.pins++;
  use(slots, 'b', [1]).pins++;
  assert.throws(() => use(slots, 'c', [1]), SlotsPinnedError);
  assert.deepEqual([slots.size, slots.bytes], [2, 2 * CACHE_BYTES]);
  clock.ms = 2000;
  slots.evictExpired();
  assert.equal(use(slots, 'a', [1, 2, 3]), pinned);
  assert.equal(pinned.cache.length, 2);
  pinned.pins--;
  use(slots, 'c', [1]);
  assert.equal(slots.size, 2);
});
