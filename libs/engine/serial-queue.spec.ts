import assert from 'node:assert/strict';
import { test } from 'node:test';
import { SerialQueue } from './serial-queue.js';

const never = new AbortController().signal;
const soon = (): Promise<void> => new Promise((resolve) => setTimeout(resolve, 2));

test('jobs run one after the other in the order they came, whatever becomes of them', async () => {
  const queue = new SerialQueue();
  const log: string[] = [];
  const job = (name: string, fails = false) =>
    queue.run(async () => {
      log.push(`${name} starts`);
      await soon();
      log.push(`${name} ends`);
      if (fails) throw new Error(name);
      return name;
    }, never);
  const results = await Promise.allSettled([job('a'), job('b', true), job('c')]);
  assert.deepEqual(log, ['a starts', 'a ends', 'b starts', 'b ends', 'c starts', 'c ends']);
  assert.deepEqual(
    results.map(({ status }) => status),
    ['fulfilled', 'rejected', 'fulfilled'],
  );
});

test('a job aborted while it waits never starts', async () => {
  const queue = new SerialQueue();
  const controller = new AbortController();
  const first = queue.run(soon, never);
  let started = false;
  const second = queue.run(async () => {
    started = true;
  }, controller.signal);
  controller.abort();
  await first;
  await assert.rejects(second, { name: 'AbortError' });
  assert.equal(started, false);
});
