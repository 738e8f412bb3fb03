import assert from 'node:assert/strict';
import { test } from 'node:test';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { StepQueue } from './step-queue.js';

const never = new AbortController().signal;

/** A session: so many steps, one after the other. */
async function session(queue: StepQueue, name: string, numSteps: number, log: string[]): Promise<void> {
  for (let i = 0; i < numSteps; i++)
    await queue.run(async () => {
      await nextTurn();
      log.push(name);
    }, never);
}

test('sessions take turns by single steps, so a short one does not wait for a long one', async () => {
  const queue = new StepQueue();
  const log: string[] = [];
  await Promise.all([session(queue, 'a', 5, log), session(queue, 'b', 2, log), session(queue, 'c', 2, log)]);
  assert.equal(log.join(''), 'abcabcaaa');
});

test('one step at a time', async () => {
  const queue = new StepQueue();
  let running = 0;
  const step = async () => {
    assert.equal(++running, 1);
    await nextTurn();
    running--;
  };
  await Promise.all(Array.from({ length: 8 }, (_, i) => queue.run(step, never, i % 2 ? 'idle' : 'asked')));
});

test('idle steps wait until nobody else does, also for those who come later', async () => {
  const queue = new StepQueue();
  const log: string[] = [];
  const idle = queue.run(async () => log.push('idle'), never, 'idle');
  await session(queue, 'a', 4, log);
  await idle;
  assert.deepEqual(log, ['a', 'a', 'a', 'a', 'idle']);
});

test('a step that is cancelled while it waits leaves at once, and the others go on', async () => {
  const queue = new StepQueue();
  const log: string[] = [];
  let finish = () => {};
  const first = queue.run(() => new Promise<void>((resolve) => (finish = resolve)), never);
  const [second, third] = [new AbortController(), new AbortController()];
  const cancelled = [second, third].map(({ signal }) => queue.run(async () => log.push('no'), signal));
  const last = queue.run(async () => log.push('last'), never);
  second.abort(new Error('gone'));
  await assert.rejects(cancelled[0]!, /gone/);
  third.abort(new Error('gone too'));
  await assert.rejects(cancelled[1]!, /gone too/);
  await assert.rejects(
    queue.run(async () => log.push('no'), second.signal),
    /gone/,
  );
  finish();
  await Promise.all([first, last]);
  assert.deepEqual(log, ['last']);
});

test('a step that fails fails alone', async () => {
  const queue = new StepQueue();
  const failing = queue.run(() => Promise.reject(new Error('broken')), never);
  const next = queue.run(async () => 7, never);
  await assert.rejects(failing, /broken/);
  assert.equal(await next, 7);
});
