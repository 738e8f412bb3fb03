import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { WaitingJob } from './batch-queue.js';
import { FifoQueue } from './fifo-queue.js';

interface Named extends WaitingJob {
  readonly name: string;
}

const BUDGET = { tokens: 32, slots: 4 };

function queueOf(...jobs: readonly (readonly [name: string, numTokens: number, numRows: number])[]) {
  const queue = new FifoQueue<Named>();
  const added = jobs.map(([name, numTokens, numRows]) => ({ name, numTokens, numRows, claim: {} }));
  for (const job of added) queue.add(job);
  const take = (budget = BUDGET) =>
    Object.fromEntries(queue.take(budget).map(({ job, numTokens }) => [job.name, numTokens]));
  return { queue, take, jobs: added };
}

test('rounds go through whole, prompts share what is left of the tokens', () => {
  const { take, queue } = queueOf(
    ['prompt', 500, 1],
    ['round', 5, 5],
    ['other prompt', 100, 1],
    ['plain', 1, 1],
  );
  assert.deepEqual(take(), { plain: 1, round: 5, 'other prompt': 13, prompt: 13 });
  assert.equal(queue.size, 0);
});

test('no more jobs than slots, in the order of their coming', () => {
  const { take } = queueOf(...['a', 'b', 'c', 'd', 'e', 'f'].map((name) => [name, 2, 1] as const));
  assert.deepEqual(take(), { a: 2, b: 2, c: 2, d: 2 });
  assert.deepEqual(take(), { e: 2, f: 2 });
  assert.deepEqual(take(), {});
});

test('rows that cannot be split wait for the next forward, or have one to themselves', () => {
  const { take } = queueOf(['a', 9, 9], ['b', 9, 9], ['c', 40, 40]);
  assert.deepEqual(take({ tokens: 12, slots: 4 }), { a: 9 });
  assert.deepEqual(take({ tokens: 20, slots: 4 }), { b: 9 });
  assert.deepEqual(take(), { c: 40 });
});

test('a prompt never gives its wanted rows away: the last of them come together', () => {
  const { take } = queueOf(['prompt', 33, 4]);
  assert.deepEqual(take(), { prompt: 29 });
});

test('a job that is given up is not taken', () => {
  const { take, queue, jobs } = queueOf(['a', 1, 1], ['b', 1, 1]);
  queue.remove(jobs[0]!);
  queue.remove(jobs[0]!);
  assert.deepEqual(take(), { b: 1 });
});
