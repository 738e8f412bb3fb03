import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { KvBuffers } from './kv-buffers.js';

test('what was given back is used again, by pieces of other sizes too, and nothing is lent twice', () => {
  const sizes = fc.array(fc.tuple(fc.integer({ min: 1, max: 300 }), fc.boolean()), { maxLength: 200 });
  fc.assert(
    fc.property(sizes, (steps) => {
      const buffers = new KvBuffers(2 ** 14);
      const held: { piece: Float32Array; mark: number }[] = [];
      for (const [i, [length, gives]] of steps.entries()) {
        if (gives && held.length > 0) buffers.give(held.splice(length % held.length, 1)[0]!.piece);
        const piece = buffers.take(length).fill(i);
        assert.equal(piece.length, length);
        held.push({ piece, mark: i });
      }
      for (const { piece, mark } of held) assert.ok(piece.every((value) => value === mark));
      for (const { piece } of held) buffers.give(piece);
      assert.ok(buffers.freeBytes <= 2 ** 14);
      const whole = buffers.take(2 ** 12);
      assert.equal(buffers.freeBytes, 0, 'all of it is one piece again');
      buffers.give(whole);
      buffers.shrink();
      assert.equal(buffers.freeBytes, 0);
    }),
    { numRuns: 50 },
  );
});

test('what does not fit gets a buffer of its own', () => {
  const buffers = new KvBuffers(1024);
  const first = buffers.take(200);
  const second = buffers.take(200);
  assert.notEqual(first.buffer, second.buffer);
  buffers.give(second);
  assert.equal(buffers.take(40).buffer, first.buffer);
  assert.throws(() => {
    buffers.give(first);
    buffers.give(first);
  }, RangeError);
});
