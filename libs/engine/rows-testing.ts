// Rows as a forward would leave them: every number depends on the salt, all tokens up to its own, and its own place.
import assert from 'node:assert/strict';
import type { KvShape } from './kv-cache.js';
import type { Slot } from './slot.js';
import { tokenHash } from './token-hash.js';

export const SHAPE: KvShape = { numLayers: 2, numKvHeads: 2, headDim: 2 };

/** Where one number of a cache lies, and what belongs there. */
function* cells(slot: Slot, length: number): Generator<readonly [Float32Array, number, number]> {
  const { cache, tokens, salt = '' } = slot;
  const { numKvHeads, headDim } = SHAPE;
  let hash = tokenHash(0, Buffer.from(salt), 0, Buffer.byteLength(salt));
  for (let row = 0; row < length; row++) {
    hash = tokenHash(hash, tokens, row, 1);
    let place = 0;
    for (const part of cache.parts)
      for (let head = 0; head < numKvHeads; head++)
        for (let d = 0; d < headDim; d++)
          yield [part, (head * cache.capacity + row) * headDim + d, (hash & 0x7ffff) * 16 + place++];
  }
}

/** Pretends that a forward has run over all tokens. */
export function feed(slot: Slot): Slot {
  for (const [data, at, value] of cells(slot, slot.tokens.length)) data[at] = value;
  slot.cache.length = slot.tokens.length;
  return slot;
}

export function assertHolds(slot: Slot, length: number): void {
  assert.equal(slot.cache.length, length);
  for (const [data, at, value] of cells(slot, length)) if (data[at] !== value) assert.equal(data[at], value);
}

/** Tokens from … to below. */
export const range = (from: number, to: number): number[] =>
  Array.from({ length: to - from }, (_, i) => from + i);
