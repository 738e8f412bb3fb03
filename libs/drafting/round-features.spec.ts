import assert from 'node:assert/strict';
import { test } from 'node:test';
import { RoundFeatures } from './round-features.js';

const WIDTH = 2;
const WIDTHS = { features: 0, readFeatures: WIDTH, states: 3 };

/** Rows of the positions from `start` to `end`, each of its position + 1. */
function rows(start: number, end: number) {
  const values = Array.from({ length: end - start }, (_, i) => start + i + 1).flatMap((n) => [n, n]);
  return { start, values: Uint16Array.from(values) };
}

test('each token reads the row of the position before, zeros where there is none', () => {
  for (const [sent, start, count, expected] of [
    [rows(0, 5), 0, 6, [0, 1, 2, 3, 4, 5]],
    [rows(0, 5), 3, 2, [3, 4]],
    [rows(2, 4), 1, 5, [0, 0, 3, 4, 0]],
    [rows(3, 5), 1, 2, [0, 0]],
    [rows(0, 2), 4, 2, [0, 0]],
    [undefined, 2, 3, [0, 0, 0]],
  ] as const) {
    const { reads } = new RoundFeatures(6, sent, WIDTHS).readBy(start, count);
    assert.deepEqual(
      [...reads!.features!],
      expected.flatMap((n) => [n, n]),
    );
    assert.equal(reads!.own, undefined);
  }
});

test('behind the committed tokens the draft reads its own state, which the forward before has written', () => {
  const features = new RoundFeatures(4, rows(0, 3), WIDTHS);
  const first = features.readBy(1, 3);
  first.writes!.states!.set([1, 2, 3]);
  const second = features.readBy(4, 1);
  assert.deepEqual([...second.reads!.own!], [1, 2, 3]);
  assert.equal(second.reads!.features, undefined);
});
