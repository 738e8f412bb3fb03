import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Credit } from './credit.js';

const never = new AbortController().signal;

test('what there is credit for goes at once, the next waits until more is granted', async () => {
  const credit = new Credit(2);
  const taken: number[] = [];
  const sender = (async () => {
    for (let i = 0; i < 5; i++) {
      await credit.take(never);
      taken.push(i);
    }
  })();
  await new Promise((resolve) => setImmediate(resolve));
  assert.deepEqual(taken, [0, 1]);
  credit.add(2);
  await new Promise((resolve) => setImmediate(resolve));
  assert.deepEqual(taken, [0, 1, 2, 3]);
  credit.add(8);
  await sender;
  assert.equal(taken.length, 5);
});

test('an abort ends the wait, also one that came before it', async () => {
  const controller = new AbortController();
  const credit = new Credit(0);
  const waiting = credit.take(controller.signal);
  controller.abort(new Error('gone'));
  await assert.rejects(waiting, { message: 'gone' });
  credit.add(1);
  await assert.rejects(credit.take(controller.signal), { message: 'gone' });
  await credit.take(never);
});
