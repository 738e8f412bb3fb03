import assert from 'node:assert/strict';
import { test } from 'node:test';
import { bytesPerToken } from './kv-cache.js';
import { SlotUse } from './slot-use.js';
import { SlotTable } from './slots.js';

const SHAPE = { numLayers: 1, numKvHeads: 1, headDim: 4 };
const live = new AbortController().signal;

function scene(maxCaches: number) {
  const slots = new SlotTable({
    shape: SHAPE,
    maxBytes: maxCaches * 256 * bytesPerToken(SHAPE),
    ttlMs: 1000,
    now: () => 0,
  });
  const uses = new SlotUse(slots);
  const log: string[] = [];
  /** Starts a job that ends when it is told to. */
  const start = (key: string, name = key, signal = live) => {
    let end = () => {};
    const told = new Promise<void>((resolve) => (end = resolve));
    const job = async () => {
      log.push(`${name} starts`);
      await told;
      log.push(`${name} ends`);
    };
    return { end, done: uses.run({ key, prefixLength: 0, tokens: [1], room: 1 }, job, signal) };
  };
  return { slots, log, start };
}

const turn = () => new Promise((resolve) => setImmediate(resolve));

test('jobs of one slot take turns, those of others do not wait for them', async () => {
  const { log, start } = scene(9);
  const [first, second, other] = [start('a', 'first'), start('a', 'second'), start('b', 'other')];
  await turn();
  assert.deepEqual(log, ['first starts', 'other starts']);
  first.end();
  second.end();
  other.end();
  await Promise.all([first.done, second.done, other.done]);
  assert.deepEqual(log.slice(2), ['first ends', 'other ends', 'second starts', 'second ends']);
});

test('a job waits until a pinned slot makes room for its own', async () => {
  const { slots, log, start } = scene(2);
  const jobs = ['a', 'b', 'c', 'd'].map((key) => start(key));
  await turn();
  assert.deepEqual(log, ['a starts', 'b starts']);
  for (const { end, done } of jobs) {
    end();
    await done;
  }
  assert.equal(log.length, 8);
  assert.equal(slots.size, 2);
});

test('a job that is aborted while it waits never starts, and keeps nobody waiting', async () => {
  const { log, start } = scene(1);
  const controller = new AbortController();
  const first = start('a');
  const [late, sameSlot] = [start('b', 'b', controller.signal), start('a', 'again', controller.signal)];
  await turn();
  controller.abort(new Error('gone'));
  await assert.rejects(late.done, /gone/);
  const last = start('c');
  first.end();
  await assert.rejects(sameSlot.done, /gone/);
  last.end();
  await Promise.all([first.done, last.done]);
  assert.deepEqual(log, ['a starts', 'a ends', 'c starts', 'c ends']);
});
