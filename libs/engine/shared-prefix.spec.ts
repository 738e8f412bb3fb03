import assert from 'node:assert/strict';
import { test } from 'node:test';
import { bytesPerToken } from './kv-cache.js';
import { assertHolds, feed, range, SHAPE } from './rows-testing.js';
import type { Slot } from './slot.js';
import { SlotTable } from './slots.js';

const CACHE_BYTES = 256 * bytesPerToken(SHAPE);
const ROOM = 2;

function table(maxCaches = 100): SlotTable {
  return new SlotTable({
    shape: SHAPE,
    maxBytes: maxCaches * CACHE_BYTES,
    ttlMs: 1000,
    now: () => 0,
  });
}

const use = (slots: SlotTable, key: string, tokens: readonly number[], salt?: string): Slot =>
  slots.acquire({ key, prefixLength: 0, tokens, room: ROOM, salt });

const PROMPT = range(1, 41);

test('a new slot takes the rows of the longest common prefix, and never the last token', () => {
  const slots = table();
  feed(use(slots, 'short', PROMPT.slice(0, 20)));
  feed(use(slots, 'long', [...PROMPT, 77]));
  feed(use(slots, 'strange', [5, ...PROMPT]));
  assertHolds(use(slots, 'same', PROMPT), 39);
  assertHolds(use(slots, 'longer', [...PROMPT, 88, 89]), 40);
  assertHolds(use(slots, 'branch', [...PROMPT.slice(0, 25), 99, 98, 97]), 25);
});

test('what is copied is a copy: the donor and the taker go on by themselves', () => {
  const slots = table();
  const donor = feed(use(slots, 'a', PROMPT));
  const taker = feed(use(slots, 'b', [...PROMPT.slice(0, 30), 7, 8, 9]));
  assertHolds(donor, 40);
  assertHolds(taker, 33);
});

test('a slot of its own keeps its rows and copies only what it lacks', () => {
  const slots = table();
  feed(use(slots, 'a', PROMPT));
  const own = feed(use(slots, 'b', [...PROMPT.slice(0, 18), 50]));
  const marked = own.cache.feeds['past.0.k']!.data as Float32Array;
  marked[0] = -1;
  assert.equal(use(slots, 'b', PROMPT), own);
  assert.equal(own.cache.length, 39);
  assert.equal(marked[0], -1);
});

test('a gain of fewer than 16 tokens is not worth a copy', () => {
  const slots = table();
  feed(use(slots, 'a', PROMPT));
  assert.equal(use(slots, 'b', [...PROMPT.slice(0, 15), 60, 61]).cache.length, 0);
  assert.equal(use(slots, 'c', [...PROMPT.slice(0, 16), 60, 61]).cache.length, 16);
});

test('only what the donor has fed is shared, however many tokens it knows', () => {
  const slots = table();
  const donor = feed(use(slots, 'a', PROMPT));
  donor.cache.truncate(20);
  assert.equal(use(slots, 'b', PROMPT).cache.length, 20);
  // A round that failed after its forward: rows of tokens that the slot never committed.
  donor.cache.length = 60;
  assert.equal(use(slots, 'c', range(1, 81)).cache.length, 40);
});

test('slots of another salt share nothing, not even under one key', () => {
  const slots = table();
  feed(use(slots, 'a', PROMPT, 'tenant 1'));
  assert.equal(use(slots, 'b', PROMPT, 'tenant 2').cache.length, 0);
  assert.equal(use(slots, 'c', PROMPT).cache.length, 0);
  assert.equal(use(slots, 'd', PROMPT, 'tenant 1').cache.length, 39);
  assert.equal(use(slots, 'a', PROMPT, 'tenant 2').cache.length, 0);
  const stolen = { key: 'd', prefixLength: 40, tokens: [1], room: ROOM, salt: 'tenant 2' };
  assert.throws(() => slots.acquire(stolen), { code: 'session_lost' });
});

test('a donor that must make room leaves its rows behind, and they are found there', () => {
  const slots = table(2);
  feed(use(slots, 'donor', PROMPT));
  use(slots, 'other', [3]);
  const taker = use(slots, 'taker', [...PROMPT.slice(0, 30), 7, 8]);
  assertHolds(taker, 30);
  assert.ok(slots.bytes <= 2 * CACHE_BYTES);
});

test('a donor in recent use stays, and older slots make room', () => {
  const slots = table(2);
  use(slots, 'old', [3]);
  const donor = feed(use(slots, 'donor', PROMPT));
  assertHolds(use(slots, 'taker', PROMPT), 39);
  assertHolds(donor, 40);
  assert.throws(() => slots.acquire({ key: 'old', prefixLength: 1, tokens: [4], room: ROOM }), {
    code: 'session_lost',
  });
});

test('rows copied into a cache of another capacity keep their heads apart', () => {
  const slots = table();
  const long = range(1, 400);
  feed(use(slots, 'a', long));
  assertHolds(use(slots, 'small', long.slice(0, 100)), 99);
  assertHolds(use(slots, 'large', [...range(1, 350), ...range(500, 800)]), 349);
});
