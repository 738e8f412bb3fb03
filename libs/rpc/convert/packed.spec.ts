import assert from 'node:assert/strict';
import { test } from 'node:test';
import { pack, packedLength, unpackFloat32, unpackUint32 } from './packed.js';

test('packed arrays are little-endian', () => {
  assert.deepEqual([...pack(Uint32Array.of(1, 0x01020304))], [1, 0, 0, 0, 4, 3, 2, 1]);
  assert.deepEqual([...pack(Float32Array.of(1))], [0, 0, 128, 63]);
});

test('a view into a larger array packs only its own part', () => {
  const whole = Uint32Array.of(1, 2, 3, 4);
  assert.deepEqual(unpackUint32(pack(whole.subarray(1, 3))), Uint32Array.of(2, 3));
});

test('bytes at any offset of a frame are read', () => {
  for (let offset = 0; offset < 8; offset++) {
    const frame = Buffer.alloc(offset + 8);
    pack(Float32Array.of(0.25, -1.5)).copy(frame, offset);
    assert.deepEqual(unpackFloat32(frame.subarray(offset)), Float32Array.of(0.25, -1.5));
  }
});

test('what is unpacked is a copy: the frame may be reused', () => {
  const frame = pack(Uint32Array.of(5));
  const ids = unpackUint32(frame);
  frame.fill(0);
  assert.deepEqual(ids, Uint32Array.of(5));
});

test('a length that is no multiple of 4 is refused and names the field', () => {
  assert.throws(() => packedLength(Buffer.alloc(7), 'q_ids'), { code: 'invalid_argument', field: 'q_ids' });
});
