import assert from 'node:assert/strict';
import { test } from 'node:test';
import { FeatureMemory, FeatureWindow } from './feature-window.js';
import type { FeatureRows } from './features.js';

const WIDTH = 2;
const ROW_BYTES = 4;

/** Rows whose numbers are their positions. */
function rows(start: number, end: number): FeatureRows {
  const positions = Array.from({ length: end - start }, (_, i) => start + i);
  return { start, values: Uint16Array.from(positions.flatMap((position) => [position, position])) };
}

function open({ memory = new FeatureMemory(1 << 20), mostRows = 8 } = {}) {
  const wish = { isWanted: true };
  const window = new FeatureWindow({ width: WIDTH, memory, mostRows, isWanted: () => wish.isWanted });
  return { window, memory, wish };
}

test('rows are there from any position on, the last ones only', () => {
  const { window, memory } = open();
  assert.equal(window.from(0), undefined);
  window.append(rows(0, 5));
  assert.deepEqual(window.from(0), rows(0, 5));
  assert.deepEqual(window.from(3), rows(3, 5));
  assert.equal(window.from(5), undefined);
  window.append(rows(5, 11));
  assert.deepEqual(window.from(0), rows(3, 11));
  window.append(rows(11, 111));
  assert.deepEqual(window.from(7), rows(103, 111));
  assert.equal(memory.bytes, 8 * ROW_BYTES);
});

test('rows said again replace what they were, rows elsewhere replace all', () => {
  const { window, memory } = open();
  window.append(rows(4, 8));
  window.append({ start: 6, values: Uint16Array.of(60, 60, 70, 70, 80, 80) });
  assert.deepEqual(window.from(5), { start: 5, values: Uint16Array.of(5, 5, 60, 60, 70, 70, 80, 80) });
  window.append(rows(10, 12));
  assert.deepEqual(window.from(0), rows(10, 12));
  window.append(rows(2, 3));
  assert.deepEqual(window.from(0), rows(2, 3));
  assert.equal(memory.bytes, ROW_BYTES);
});

test('what is kept is a copy, and so is what is read', () => {
  const { window } = open();
  const said = rows(0, 2);
  window.append(said);
  said.values.fill(9);
  window.from(0)!.values.fill(9);
  assert.deepEqual(window.from(0), rows(0, 2));
});

test('all windows together stay within the memory: the last rows that fit are kept', () => {
  const memory = new FeatureMemory(5 * ROW_BYTES);
  const [a, b, c] = [open({ memory }).window, open({ memory }).window, open({ memory }).window];
  a.append(rows(0, 3));
  b.append(rows(0, 9));
  c.append(rows(0, 9));
  assert.deepEqual(a.from(0), rows(0, 3));
  assert.deepEqual(b.from(0), rows(7, 9));
  assert.equal(c.from(0), undefined);
  assert.equal(memory.bytes, 5 * ROW_BYTES);
  a.close();
  c.append(rows(9, 12));
  assert.deepEqual(c.from(0), rows(9, 12));
  b.close();
  c.close();
  assert.equal(memory.bytes, 0);
});

test('what nobody wants is not kept, and an ended generation keeps nothing', () => {
  const { window, memory, wish } = open();
  window.append(rows(0, 3));
  wish.isWanted = false;
  window.append(rows(3, 4));
  assert.equal(window.from(0), undefined);
  assert.equal(memory.bytes, 0);
  wish.isWanted = true;
  window.append(rows(4, 6));
  assert.deepEqual(window.from(0), rows(4, 6));
  window.close();
  window.append(rows(6, 8));
  assert.equal(window.from(0), undefined);
  assert.equal(memory.bytes, 0);
});
