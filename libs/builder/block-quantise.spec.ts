import assert from 'node:assert/strict';
import { test } from 'node:test';
import { randomFloats } from '../../test/support/tiny-checkpoint.js';
import { type Bits, quantiseBlocks } from './block-quantise.js';

const BLOCK_SIZE = 32;

function restore(weights: Float32Array, bits: Bits): Float32Array {
  const { values, scales } = quantiseBlocks(weights, bits, BLOCK_SIZE);
  assert.equal(values.length, (weights.length * bits) / 8);
  return weights.map((_, i) => {
    const raw = bits === 8 ? values[i]! - 128 : ((values[i >> 1]! >> ((i & 1) * 4)) & 15) - 8;
    return raw * scales[Math.floor(i / BLOCK_SIZE)]!;
  });
}

function largest(weights: Float32Array, block: number): number {
  return Math.max(...weights.subarray(block * BLOCK_SIZE, (block + 1) * BLOCK_SIZE).map(Math.abs));
}

test('8 bits: no weight moves by more than half of a 127th of its block’s largest', () => {
  const weights = randomFloats(4096, 1).map((w, i) => w * 10 ** ((i >> 5) % 7));
  restore(weights, 8).forEach((w, i) => {
    const bound = (largest(weights, i >> 5) / 127) * 0.5001;
    assert.ok(Math.abs(w - weights[i]!) <= bound, `weight ${i}`);
  });
});

test('4 bits: no weight moves by more than an 8th of its block’s largest, the extreme not at all', () => {
  const weights = randomFloats(4096, 2);
  restore(weights, 4).forEach((w, i) => {
    const max = largest(weights, i >> 5);
    assert.ok(Math.abs(w - weights[i]!) <= (max / 8) * 1.0001, `weight ${i}`);
    if (Math.abs(weights[i]!) === max) assert.equal(w, weights[i]);
  });
});

test('weights that are already on the grid come through unchanged', () => {
  const grid = (low: number, steps: number) =>
    Float32Array.from({ length: 64 }, (_, i) => (low + ((i * 7) % steps)) * 0.25);
  assert.deepEqual(restore(grid(-8, 16), 4), grid(-8, 16));
  const symmetric = grid(-127, 255);
  symmetric[0] = symmetric[32] = -127 * 0.25;
  assert.deepEqual(restore(symmetric, 8), symmetric);
});

test('blocks of zeros stay zeros', () => {
  for (const bits of [4, 8] as const)
    assert.deepEqual(restore(new Float32Array(64), bits), new Float32Array(64));
});
