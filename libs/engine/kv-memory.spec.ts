import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { bytesPerToken } from './kv-cache.js';
import { SlotsPinnedError } from './kv-memory.js';
import { assertHolds, feed, range, SHAPE } from './rows-testing.js';
import type { Slot } from './slot.js';
import { SlotTable } from './slots.js';

const CACHE_BYTES = 256 * bytesPerToken(SHAPE);

function scene(maxCaches: number) {
  const clock = { ms: 0 };
  const maxBytes = maxCaches * CACHE_BYTES;
  const slots = new SlotTable({ shape: SHAPE, maxBytes, ttlMs: 1000, now: () => clock.ms });
  const use = (key: string, tokens: readonly number[], salt?: string): Slot =>
    slots.acquire({ key, prefixLength: 0, tokens, room: 1, salt });
  return { slots, clock, use, maxBytes };
}

const SYSTEM = range(1, 151);

test('a beginning that no slot holds any more is copied from what they left behind', () => {
  const { slots, clock, use } = scene(9);
  feed(use('evicted', [...SYSTEM, 7, 8]));
  slots.delete('evicted');
  assert.equal(slots.size, 0);
  assertHolds(use('next', [...SYSTEM, 9]), 150);
  clock.ms = 1500;
  slots.evictExpired();
  assert.equal(slots.size, 0);
  assertHolds(use('later', SYSTEM), 149);
});

test('slots that expire together go one by one, so that nobody waits long for their copying', () => {
  const { slots, clock, use } = scene(9);
  for (const key of ['a', 'b', 'c']) feed(use(key, [...SYSTEM, key.charCodeAt(0)]));
  slots.get('b')!.pins++;
  clock.ms = 1000;
  assert.deepEqual([slots.evictExpired(), slots.size], [true, 2]);
  assert.deepEqual([slots.evictExpired(), slots.size], [false, 1]);
  assert.deepEqual([slots.evictExpired(), slots.size], [false, 1]);
});

test('when slots make room, what they hold stays as long as it fits', () => {
  const { slots, use, maxBytes } = scene(4);
  const texts = range(1, 7).map((i) => [...SYSTEM, ...range(i * 1000, i * 1000 + 60)]);
  for (const [i, text] of texts.entries()) feed(use(`${i}`, text));
  const { slotBytes, blockBytes } = slots.usage;
  assert.deepEqual([slots.size, slotBytes + blockBytes], [2, slots.bytes]);
  assert.ok(slots.bytes <= maxBytes);
  for (const [i, text] of texts.entries()) assertHolds(use(`${i} again`, text), 209);
});

test('rows that are about to be copied are not evicted to make room for their copy', () => {
  const { slots, clock, use } = scene(2);
  feed(use('old', SYSTEM));
  slots.delete('old');
  clock.ms++;
  feed(use('newer', range(900, 950)));
  slots.delete('newer');
  clock.ms++;
  feed(use('idle', [1000]));
  clock.ms++;
  assertHolds(use('again', SYSTEM), 149);
});

test('only rows of the whole model over committed tokens are left behind', () => {
  const { slots, use } = scene(9);
  const drafting = feed(use('a', SYSTEM));
  // A draft with layers skipped is under way; a round has failed behind its forward.
  drafting.exactLength = 100;
  drafting.cache.length = 160;
  assertHolds(use('b', [...SYSTEM, ...range(500, 520)]), 100);
  slots.delete('b');
  slots.delete('a');
  assertHolds(use('c', [...SYSTEM, ...range(600, 620)]), 100);
});

test('if pinned slots leave no room it says so at once, and nothing is evicted in vain', () => {
  const { slots, use } = scene(2);
  feed(use('pinned', SYSTEM)).pins++;
  feed(use('idle', range(500, 600)));
  assert.throws(
    () => use('long', range(1, 400)),
    (error) =>
      error instanceof SlotsPinnedError &&
      error.code === 'resource_exhausted' &&
      error.retryAfterSeconds === 1,
  );
  slots.delete('pinned');
  assert.equal(slots.size, 2);
});

test('under random traffic the bound is never passed, and every row found is the right one', () => {
  const step = fc.record({
    session: fc.nat(9),
    salt: fc.constantFrom('a', 'b'),
    beginning: fc.nat(3),
    beginningLength: fc.nat(200),
    rest: fc.nat(2),
    restLength: fc.integer({ min: 1, max: 300 }),
    goesOn: fc.boolean(),
    does: fc.constantFrom('feeds', 'feeds', 'feeds', 'fails', 'ends', 'pins', 'unpins'),
    waitMs: fc.nat(120),
  });
  const traffic = fc.array(step, { minLength: 1, maxLength: 120 });
  fc.assert(
    fc.property(traffic, fc.integer({ min: 2, max: 8 }), (steps, maxCaches) => {
      const { slots, clock, maxBytes } = scene(maxCaches);
      const pinned: Slot[] = [];
      for (const { session, salt, does, ...text } of steps) {
        clock.ms += text.waitMs;
        const beginning = text.beginning * 1000;
        const rest = 5000 + text.rest * 1000;
        const tokens = [
          ...range(beginning, beginning + text.beginningLength),
          ...range(rest, rest + text.restLength),
        ];
        try {
          const key = `${salt} ${session}`;
          const prefixLength = text.goesOn ? (slots.get(key)?.tokens.length ?? 0) : 0;
          const slot = slots.acquire({ key, prefixLength, tokens, room: 1, salt });
          assertHolds(slot, slot.cache.length);
          if (does !== 'fails') feed(slot);
          if (does === 'ends') slots.delete(key);
          if (does === 'pins') pinned.push(slot) && slot.pins++;
        } catch (error) {
          if ((error as { code?: string }).code !== 'resource_exhausted') throw error;
        }
        if (does === 'unpins') for (const slot of pinned.splice(0)) slot.pins--;
        assert.ok(slots.bytes <= maxBytes);
        assert.ok(pinned.every(({ cache }) => cache.capacity > 0));
      }
    }),
    { numRuns: 150, seed: 20 },
  );
});

test('a sequence that fits is taken, though twice its room would not be there', () => {
  const { use, slots, maxBytes } = scene(3);
  const long = range(1, 700);
  feed(use('long', long));
  assert.ok(slots.bytes <= maxBytes);
  assertHolds(use('long', [...long, 7]), 699);
  assert.throws(() => use('longer', range(1, 800)), { code: 'resource_exhausted' });
});

test('memory that slots and blocks have left is used again, and counts towards the bound', () => {
  const { slots, use, clock, maxBytes } = scene(4);
  const buffers = new Set<unknown>();
  for (let i = 2; i < 40; i++) {
    const { parts } = feed(use(`${i}`, range(1000 * i, 1000 * i + 150 + i))).cache;
    for (const { buffer } of parts) buffers.add(buffer);
    const { slotBytes, blockBytes, freeBytes } = slots.usage;
    assert.ok(
      slotBytes + blockBytes + freeBytes <= 1.01 * maxBytes,
      `${slotBytes} ${blockBytes} ${freeBytes}`,
    );
  }
  assert.ok(buffers.size < 4, `${buffers.size}`);
  for (clock.ms = 5000; clock.ms < 13_000; clock.ms += 1500) while (slots.evictExpired());
  assert.deepEqual([slots.bytes, slots.usage.freeBytes], [0, 0]);
});
