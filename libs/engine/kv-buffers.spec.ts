import assert from 'node:assert/strict';
import { test } from 'node:test';
import { KvBuffers } from './kv-buffers.js';

test('what was given back is used again for the same length, and counted until then', () => {
  const buffers = new KvBuffers(() => 0);
  const first = buffers.take(8);
  buffers.give(first);
  assert.equal(buffers.freeBytes, 32);
  assert.notEqual(buffers.take(16), first);
  assert.equal(buffers.take(8), first);
  assert.equal(buffers.freeBytes, 0);
});

test('the largest are let go first, and all when their time is over', () => {
  const clock = { ms: 0 };
  const buffers = new KvBuffers(() => clock.ms);
  for (const length of [4, 16, 4, 8]) buffers.give(new Float32Array(length));
  buffers.trim(70);
  assert.equal(buffers.freeBytes, 64);
  clock.ms = 5;
  buffers.give(new Float32Array(2));
  buffers.expire(4);
  assert.equal(buffers.freeBytes, 8);
  buffers.trim(0);
  assert.equal(buffers.freeBytes, 0);
});
