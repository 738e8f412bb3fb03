import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { KvCache } from '../kv-cache.js';
import type { Portion } from './batch-inputs.js';
import { Batcher } from './batcher.js';
import { FifoQueue } from './fifo-queue.js';

const live = new AbortController().signal;

/** A model whose logits are the tokens; it notes which tokens each forward carried. */
function scene({ numSlots = 4, maxTokens = 8, onForward = async (_forward: number) => {} } = {}) {
  const forwards: number[][][] = [];
  const run = async (portions: readonly Portion[]): Promise<Float32Array[]> => {
    forwards.push(portions.map(({ tokens }) => [...tokens]));
    await onForward(forwards.length);
    return portions.map(({ cache, tokens, rows }) => {
      cache.length += tokens.length;
      return Float32Array.from(tokens.slice(tokens.length - rows));
    });
  };
  const batcher = new Batcher({
    model: {
      contextLength: 100,
      advance: async (cache, tokens, rows) => (await run([{ cache, tokens: Array.from(tokens), rows }]))[0]!,
    },
    graph: numSlots > 1 ? { numSlots, forward: run } : undefined,
    queue: new FifoQueue(),
    maxTokens,
  });
  const cacheOf = (length = 0) => ({ length }) as KvCache;
  const ask = (tokens: readonly number[], rows = 1, signal = live, cache = cacheOf()) =>
    batcher.advance({ cache, tokens, rows }, (logits) => [...logits], signal);
  return { batcher, forwards, ask, cacheOf };
}

const range = (from: number, length: number) => Array.from({ length }, (_, i) => from + i);

test('those who wait share a forward, and each reads the rows that it asked for', async () => {
  const { forwards, ask } = scene();
  const answers = await Promise.all([ask([1]), ask([2, 3], 2), ask([4, 5, 6])]);
  assert.deepEqual(answers, [[1], [2, 3], [6]]);
  assert.deepEqual(forwards, [[[1], [2, 3], [4, 5, 6]]]);
});

test('who comes back after a forward shares the next one with the others', async () => {
  const { forwards, ask } = scene();
  const generation = async (first: number) => {
    for (let token = first; token < first + 3; token++) await ask([token]);
  };
  await Promise.all([generation(10), generation(20)]);
  assert.deepEqual(forwards, [
    [[10], [20]],
    [[11], [21]],
    [[12], [22]],
  ]);
});

test('a long prompt goes in pieces beside the rounds of others, which never wait for more than one of them', async () => {
  const { forwards, ask } = scene();
  const prompt = ask(range(100, 20), 2);
  const rounds: number[][] = [];
  for (let round = 0; round < 3; round++) rounds.push(await ask([round]));
  assert.deepEqual(rounds, [[0], [1], [2]]);
  assert.deepEqual(await prompt, [118, 119]);
  assert.deepEqual(
    forwards.map((each) => each.map(({ length }) => length)),
    [
      [1, 7],
      [1, 7],
      [1, 6],
    ],
  );
});

test('without a graph of several slots everybody has forwards of his own, in turns', async () => {
  const { forwards, ask } = scene({ numSlots: 1 });
  const answers = await Promise.all([ask(range(0, 20)), ask([50])]);
  assert.deepEqual(answers, [[19], [50]]);
  assert.deepEqual(
    forwards.map(([only]) => only!.length),
    [8, 1, 8, 4],
  );
});

test('work with layers skipped is not mixed with others', async () => {
  const { batcher, forwards, ask, cacheOf } = scene();
  const skipped = { cache: cacheOf(), tokens: [1], rows: 1, skipMask: new Uint8Array(2) };
  await Promise.all([ask([7]), batcher.advance(skipped, () => {}, live), ask([8])]);
  assert.deepEqual(forwards, [[[1]], [[7], [8]]]);
});

test('work that is aborted while it waits is given up at once, between two pieces too', async () => {
  const controllers = [new AbortController(), new AbortController()];
  const { forwards, ask } = scene({
    onForward: async (forward) => {
      if (forward === 2) for (const each of controllers) each.abort(new Error('gone'));
    },
  });
  const prompt = ask(range(0, 50), 1, controllers[0]!.signal);
  await ask([60]);
  const late = ask(range(70, 50), 1, controllers[1]!.signal);
  const other = ask([61, 62]);
  await assert.rejects(prompt, /gone/);
  await assert.rejects(late, /gone/);
  assert.deepEqual(await other, [62]);
  await ask([63]);
  assert.deepEqual(forwards.at(-1), [[63]]);
  assert.equal(forwards.length, 3);
  await assert.rejects(ask([1], 1, controllers[0]!.signal), /gone/);
});

test('work that a forward is running with hears of its abort only when its cache is left alone', async () => {
  const controller = new AbortController();
  const log: string[] = [];
  const { ask } = scene({
    onForward: async () => {
      controller.abort(new Error('gone'));
      await new Promise((resolve) => setImmediate(resolve));
      log.push('forward ends');
    },
  });
  await assert.rejects(
    ask([1, 2], 1, controller.signal).catch((error: unknown) => {
      log.push('caller hears');
      throw error;
    }),
    /gone/,
  );
  assert.deepEqual(log, ['forward ends', 'caller hears']);
});

test('a forward that fails fails for those in it alone; what one reader throws is its own affair', async () => {
  const { batcher, ask, cacheOf } = scene({
    numSlots: 2,
    onForward: async (forward) => {
      if (forward === 1) throw new Error('out of memory');
    },
  });
  const failed = [ask([1]), ask([2])];
  const served = [ask([3]), ask([4])];
  for (const each of failed) await assert.rejects(each, /out of memory/);
  assert.deepEqual(await Promise.all(served), [[3], [4]]);
  const bad = () => {
    throw new Error('a bad row');
  };
  const throwing = batcher.advance({ cache: cacheOf(), tokens: [5], rows: 1 }, bad, live);
  const beside = ask([6]);
  await assert.rejects(throwing, /a bad row/);
  assert.deepEqual(await beside, [6]);
});

test('what exceeds the context, or wants more rows than tokens, is refused alone', async () => {
  const { ask, cacheOf } = scene();
  const beside = ask([1]);
  await assert.rejects(ask([1, 2], 1, live, cacheOf(99)), { code: 'context_length_exceeded' });
  await assert.rejects(ask([1], 2), RangeError);
  await assert.rejects(ask([1], 0), RangeError);
  assert.deepEqual(await beside, [1]);
});

test('a reader learns what its forwards cost and who shared the last one', async () => {
  const { batcher, ask, cacheOf } = scene();
  const work = { cache: cacheOf(), tokens: range(0, 10), rows: 1 };
  const first = ask([1]);
  const stats = batcher.advance(work, (_, each) => each, live);
  await first;
  const { computeMs, jobs, tokens } = await Promise.all([stats, ask([2, 3])]).then(([each]) => each);
  assert.ok(computeMs >= 0);
  assert.deepEqual([jobs, tokens], [2, 5]);
});
