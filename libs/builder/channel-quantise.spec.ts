import assert from 'node:assert/strict';
import { test } from 'node:test';
import { randomFloats } from '../../test/support/tiny-checkpoint.js';
import { quantiseChannels } from './channel-quantise.js';

test('no weight moves by more than half of a 127th of its row’s largest, and rows become columns', () => {
  const [rows, columns] = [24, 96];
  const weights = randomFloats(rows * columns, 3).map((w, i) => w * 10 ** (Math.floor(i / columns) % 5));
  const { values, scales } = quantiseChannels(weights, rows);
  for (let row = 0; row < rows; row++) {
    const own = weights.subarray(row * columns, (row + 1) * columns);
    const bound = (Math.max(...own.map(Math.abs)) / 127) * 0.5001;
    own.forEach((w, column) => {
      const restored = values[column * rows + row]! * scales[row]!;
      assert.ok(Math.abs(restored - w) <= bound, `row ${row}, column ${column}`);
    });
  }
});

test('a row of zeros stays zeros', () => {
  const { values, scales } = quantiseChannels(new Float32Array(64), 2);
  assert.ok(values.every((value) => value === 0) && scales.every(Number.isFinite));
});
