import assert from 'node:assert/strict';
import { test } from 'node:test';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { IdleTurns } from './idle-turns.js';

const never = new AbortController().signal;

test('idle turns come when nobody asks, to all who wait at once', async () => {
  const idle = new IdleTurns();
  const log: string[] = [];
  let finish = () => {};
  const asked = idle.busy(() => new Promise<void>((resolve) => (finish = resolve)));
  const waiting = ['a', 'b'].map((name) => idle.wait(never).then(() => log.push(name)));
  for (let i = 0; i < 10; i++) await nextTurn();
  assert.deepEqual(log, []);
  finish();
  await asked;
  assert.deepEqual(log, []);
  await waiting[0];
  assert.deepEqual(log, ['a', 'b']);
});

test('who asks again in time keeps them waiting, also after a failure', async () => {
  const idle = new IdleTurns();
  const log: string[] = [];
  const waiting = idle.wait(never).then(() => log.push('idle'));
  for (let i = 0; i < 5; i++) {
    await nextTurn();
    const failing = idle.busy(async () => {
      await nextTurn();
      log.push('asked');
      throw new Error('broken');
    });
    await assert.rejects(failing, /broken/);
  }
  await waiting;
  assert.deepEqual(log, ['asked', 'asked', 'asked', 'asked', 'asked', 'idle']);
});

test('who is stopped while it waits leaves at once', async () => {
  const idle = new IdleTurns();
  const stop = new AbortController();
  const [stopped, other] = [idle.wait(stop.signal), idle.wait(never)];
  stop.abort(new Error('stopped'));
  await assert.rejects(stopped, /stopped/);
  await other;
  assert.throws(() => idle.wait(stop.signal), /stopped/);
});
