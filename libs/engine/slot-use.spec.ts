import assert from 'node:assert/strict';
import { test } from 'node:test';
import { bytesPerToken } from './kv-cache.js';
import type { Slot } from './slot.js';
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
  const start = (key: string, name = key, signal = live, tokens = [1]) => {
    let end = () => {};
    const told = new Promise<void>((resolve) => (end = resolve));
    const job = async ({ cache, tokens: all }: Slot) => {
      log.push(`${name} starts at ${cache.length}`);
      await told;
      cache.length = all.length;
      log.push(`${name} ends`);
    };
    return { end, done: uses.run({ key, prefixLength: 0, tokens, room: 1 }, job, signal) };
  };
  return { slots, uses, log, start };
}

const turn = () => new Promise((resolve) => setImmediate(resolve));

test('jobs of one slot take turns, those of others do not wait for them', async () => {
  const { log, start } = scene(9);
  const [first, second, other] = [start('a', 'first'), start('a', 'second'), start('b', 'other')];
  await turn();
  assert.deepEqual(log, ['first starts at 0', 'other starts at 0']);
  first.end();
  second.end();
  other.end();
  await Promise.all([first.done, second.done, other.done]);
  assert.deepEqual(log.slice(2), ['first ends', 'other ends', 'second starts at 0', 'second ends']);
});

test('a job waits until a pinned slot makes room for its own', async () => {
  const { slots, log, start } = scene(2);
  const jobs = ['a', 'b', 'c', 'd'].map((key) => start(key));
  await turn();
  assert.deepEqual(log, ['a starts at 0', 'b starts at 0']);
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
  assert.deepEqual(log, ['a starts at 0', 'a ends', 'c starts at 0', 'c ends']);
});

test('of those who come at once with one prompt, one reads it and the others take its rows', async () => {
  const { log, start } = scene(9);
  const prompt = Array.from({ length: 40 }, (_, i) => i);
  const other = [...prompt.slice(0, 15), ...prompt];
  const jobs = ['a', 'b', 'c'].map((key) => start(key, key, live, prompt));
  jobs.push(start('d', 'd', live, other));
  await turn();
  assert.deepEqual(log.splice(0), ['a starts at 0', 'd starts at 0']);
  jobs[0]!.end();
  await turn();
  assert.deepEqual(log.splice(0), ['a ends', 'b starts at 39', 'c starts at 39']);
  for (const { end, done } of jobs) {
    end();
    await done;
  }
});

test('a user goes on with a slot as it was left, until somebody else has had it', async () => {
  const { slots, uses } = scene(2);
  const [me, other] = [{}, {}];
  const request = (key: string, tokens: readonly number[]) => ({ key, prefixLength: 0, tokens, room: 1 });
  const lengthOf = async (slot: Slot) => slot.tokens.length;
  const use = (user: object, tokens: readonly number[], key = 'a') =>
    uses.run(request(key, tokens), lengthOf, live, user);
  await use(me, [1, 2]);
  const left = { key: 'a', slot: slots.get('a')!, user: me };
  assert.equal(await uses.resume(left, lengthOf, live), 2);
  assert.equal(await uses.resume({ ...left, user: other }, lengthOf, live), undefined);
  const [running, refused] = [use(other, [1, 2, 3]), uses.resume(left, lengthOf, live)];
  assert.deepEqual([await running, await refused], [3, undefined]);
  assert.equal(await uses.resume(left, lengthOf, live), undefined);

  await use(me, [1, 2]);
  await use(other, [5], 'b');
  await use(other, [6], 'c');
  assert.equal(slots.get('a'), undefined);
  assert.equal(await uses.resume(left, lengthOf, live), undefined);
});

test('a slot that was brought to other tokens in vain is not resumed', async () => {
  const { slots, uses, start } = scene(2);
  const me = {};
  const request = { key: 'a', prefixLength: 0, tokens: [1, 2], room: 1 };
  await uses.run(request, async () => {}, live, me);
  const left = { key: 'a', slot: slots.get('a')!, user: me };
  const pinning = start('b');
  await turn();
  const controller = new AbortController();
  const long = { ...request, tokens: Array.from({ length: 300 }, () => 7) };
  const waiting = uses.run(long, async () => {}, controller.signal, {});
  await turn();
  controller.abort(new Error('gone'));
  await assert.rejects(waiting, /gone/);
  assert.equal(await uses.resume(left, async () => 'resumed', live), undefined);
  pinning.end();
  await pinning.done;
});
