import assert from 'node:assert/strict';
import { test } from 'node:test';
import { SlotLeases } from './slot-leases.js';

test('the first generation of a session has its slot, others at the same time have extra ones', () => {
  const leases = new SlotLeases();
  const first = leases.take('s', 'r1');
  const second = leases.take('s', 'r2');
  assert.deepEqual([first.slotKey, first.isExtra], ['s', false]);
  assert.deepEqual([second.slotKey, second.isExtra], ['s#r2', true]);
  first.release();
  const third = leases.take('s', 'r3');
  assert.deepEqual([third.slotKey, third.isExtra], ['s', false]);
  second.release();
  third.release();
  assert.equal(leases.size, 0);
});
