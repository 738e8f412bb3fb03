import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Batcher, type ForwardJob, type KvCache } from '#libs/engine/index.js';
import { StepQueue } from './step-queue.js';

const live = new AbortController().signal;

/** Logits are nobody's affair here; it notes whose tokens each forward carried. */
function scene(numSlots: number, maxTokens = 8) {
  const forwards: string[] = [];
  const run = async (portions: readonly { cache: KvCache; tokens: readonly number[] }[]) => {
    forwards.push(portions.map(({ tokens }) => tokens.join('')).join(' '));
    return portions.map(() => new Float32Array(1));
  };
  const batcher = new Batcher({
    model: {
      contextLength: 1000,
      advance: async (cache, tokens) => (await run([{ cache, tokens: Array.from(tokens) }]))[0]!,
    },
    graph: numSlots > 1 ? { numSlots, forward: run } : undefined,
    queue: new StepQueue<ForwardJob>(),
    maxTokens,
  });
  /** A session: steps of so many tokens, one after the other. */
  const session = async (name: number, ...steps: readonly number[]) => {
    for (const numTokens of steps) {
      const tokens = Array.from({ length: numTokens }, () => name);
      await batcher.advance({ cache: { length: 0 } as KvCache, tokens, rows: 1 }, () => {}, live);
    }
  };
  return { forwards, session };
}

test('sessions that wait share a forward, and are all back for the next one', async () => {
  const { forwards, session } = scene(4);
  await Promise.all([session(1, 1, 1, 1), session(2, 2, 1), session(3, 1, 1)]);
  assert.deepEqual(forwards, ['1 3 22', '1 3 2', '1']);
});

test('more sessions than a forward has slots take turns, whoever came first', async () => {
  const { forwards, session } = scene(2);
  await Promise.all([session(1, 1, 1, 1), session(2, 1, 1), session(3, 1, 1)]);
  assert.deepEqual(forwards, ['1 2', '3 1', '2 3', '1']);
});

test('without a graph that is shared sessions take turns by single steps', async () => {
  const { forwards, session } = scene(1);
  await Promise.all([session(1, 1, 1, 1, 1, 1), session(2, 1, 1), session(3, 1, 1)]);
  assert.equal(forwards.join(''), '123123111');
});

test('a long prompt is read in pieces beside the steps of others', async () => {
  const { forwards, session } = scene(4);
  await Promise.all([session(1, 20), session(2, 1, 1), session(3, 1, 1, 1)]);
  assert.deepEqual(forwards, ['2 3 111111', '2 3 111111', '3 1111111', '1']);
});

test('a session alone spends no turn of the event loop between its steps', async () => {
  const { forwards, session } = scene(4);
  let turned = false;
  setImmediate(() => (turned = true));
  await session(1, ...Array.from({ length: 20 }, () => 1));
  assert.equal(forwards.length, 20);
  assert.equal(turned, false);
});
