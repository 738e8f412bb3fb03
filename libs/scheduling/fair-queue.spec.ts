import assert from 'node:assert/strict';
import { test } from 'node:test';
import { FairQueue } from './fair-queue.js';
import type { Job } from './job.js';

interface Named extends Job {
  readonly name: string;
  numTokens: number;
}

const BUDGET = { tokens: 32, slots: 8 };

function queueUnderTest(options: { agingMs?: number; promptShare?: number } = {}) {
  const clock = { ms: 0 };
  const queue = new FairQueue<Named>({ agingMs: 100, now: () => clock.ms, ...options });
  const round = (name: string, tenant: string, numTokens = 4, priority = 0): Named => {
    const job = { name, numTokens, numRows: numTokens, claim: { tenant, priority } };
    queue.add(job);
    return job;
  };
  const prompt = (name: string, tenant: string, numTokens: number, priority = 0): Named => {
    const job = { name, numTokens, numRows: 1, claim: { tenant, priority } };
    queue.add(job);
    return job;
  };
  const take = (budget = BUDGET) => queue.take(budget).map(({ job, numTokens }) => [job.name, numTokens]);
  return { queue, clock, round, prompt, take };
}

test('jobs of one tenant go in the order of their coming, as many as fit', () => {
  const { round, take, queue } = queueUnderTest();
  for (const name of ['a', 'b', 'c', 'd']) round(name, 't', 10);
  assert.deepEqual(take(), [
    ['a', 10],
    ['b', 10],
    ['c', 10],
  ]);
  assert.deepEqual(take({ tokens: 32, slots: 0 }), []);
  assert.equal(queue.size, 1);
  assert.deepEqual(take(), [['d', 10]]);
  assert.deepEqual(take(), []);
});

test('a round larger than the budget goes alone, and nothing smaller overtakes it for ever', () => {
  const { round, take } = queueUnderTest();
  round('small', 't', 4);
  round('large', 't', 100);
  round('later', 't', 4);
  assert.deepEqual(take(), [['small', 4]]);
  assert.deepEqual(take(), [['large', 100]]);
  assert.deepEqual(take(), [['later', 4]]);
});

test('the more urgent goes first, until waiting has made up for the difference', () => {
  const { round, take, clock } = queueUnderTest();
  round('patient', 'a', 4, 3);
  round('urgent', 'b', 4, 0);
  const one = { tokens: 4, slots: 1 };
  assert.deepEqual(take(one), [['urgent', 4]]);
  clock.ms = 200;
  round('urgent too', 'b', 4, 0);
  assert.deepEqual(take(one), [['urgent too', 4]]);
  clock.ms = 300;
  round('late', 'b', 4, 0);
  // Both are as urgent now, and its tenant has had less.
  assert.deepEqual(take(one), [['patient', 4]]);
});

test('a job given up is gone, once', () => {
  const { queue, round, take } = queueUnderTest();
  const a = round('a', 't');
  round('b', 't');
  assert.equal(queue.remove(a), true);
  assert.equal(queue.remove(a), false);
  assert.deepEqual(
    [...queue.jobs()].map(({ name }) => name),
    ['b'],
  );
  assert.deepEqual(take(), [['b', 4]]);
});

test('rounds go before prompts, which have what is left and never less than their share', () => {
  const { prompt, round, take } = queueUnderTest();
  prompt('p', 't', 500);
  round('r', 't');
  assert.deepEqual(take(), [
    ['r', 4],
    ['p', 28],
  ]);
  prompt('q', 't', 500);
  for (let i = 0; i < 20; i++) round(`r${i}`, 't');
  const shares = take();
  assert.equal(shares.length, 7);
  assert.deepEqual(shares.at(-1), ['q', 8]);
});

test("a prompt's last rows come together, or wait", () => {
  const { prompt, take } = queueUnderTest();
  const job = { name: 'p', numTokens: 34, numRows: 4, claim: {} };
  const queue = new FairQueue<Named>({ agingMs: 1, now: () => 0 });
  queue.add(job);
  assert.deepEqual(
    queue.take(BUDGET).map((share) => share.numTokens),
    [30],
  );
  prompt('fits', 't', 32);
  assert.deepEqual(take(), [['fits', 32]]);
});

test('a prompt moves on every other time at least, even where rounds leave it nothing', () => {
  const { prompt, round, take } = queueUnderTest();
  prompt('p', 't', 500);
  // Each round is larger than what a prompt leaves it.
  for (let i = 0; i < 6; i++) round(`r${i}`, 't', 32);
  const turns = [take(), take(), take()].map((shares) => shares.map(([name]) => name));
  assert.ok(turns.slice(0, 2).flat().includes('p'), JSON.stringify(turns));
});

test('a prompt that comes back with its rest has not lost its turn', () => {
  const { queue, prompt, take, clock } = queueUnderTest();
  const first = prompt('first', 't', 60);
  clock.ms = 1;
  prompt('second', 't', 60);
  assert.deepEqual(take(), [['first', 32]]);
  clock.ms = 2;
  first.numTokens -= 32;
  queue.add(first);
  assert.deepEqual(take(), [
    ['first', 28],
    ['second', 4],
  ]);
});
