import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Batcher, Slot } from '#libs/engine/index.js';
import { GREEDY } from '#libs/sampling/index.js';
import { type PromptReader, promptLogprobsOf } from './logprobs.js';

const VOCAB_SIZE = 8;
const NUM_TOKENS = 200;
const tokens = Array.from({ length: NUM_TOKENS }, (_, i) => i % VOCAB_SIZE);
const sequence = { sessionId: 's', tokens, promptLength: NUM_TOKENS, sampling: GREEDY };

/** A model that is sure of the right token, and counts what it is fed. */
function scene(onChunk = () => {}) {
  const chunks: number[] = [];
  let length = 70;
  const cache = {
    get length() {
      return length;
    },
    truncate: (to: number) => {
      length = to;
    },
  };
  const batcher: Pick<Batcher, 'advance'> = {
    async advance({ tokens: fed, rows }, read, signal) {
      signal.throwIfAborted();
      chunks.push(fed.length);
      const logits = new Float32Array(rows * VOCAB_SIZE);
      for (let i = 0; i < rows; i++) logits[i * VOCAB_SIZE + tokens[length + i + 1]!] = 50;
      length += fed.length;
      onChunk();
      return read(logits, { computeMs: 2, waitMs: 0, jobs: 1, tokens: fed.length, rows });
    },
  };
  const model: PromptReader = { batcher, headSize: VOCAB_SIZE };
  return { chunks, model, slot: { tokens, cache } as unknown as Slot };
}

const live = new AbortController().signal;

test('the prompt is read anew in bounded chunks, its last token aside; entry i is of token i + 1', async () => {
  const { chunks, model, slot } = scene();
  const { entries, computeMs } = (await promptLogprobsOf(
    model,
    slot,
    sequence,
    { promptLogprobs: 1 },
    live,
  ))!;
  assert.equal(computeMs, 8);
  assert.deepEqual(chunks, [64, 64, 64, 7]);
  assert.equal(entries.length, NUM_TOKENS - 1);
  entries.forEach(({ logprob, topIds }, i) => {
    assert.ok(logprob > -1e-9);
    assert.deepEqual(topIds, [tokens[i + 1]]);
  });
});

test('a cancelled request stops between two chunks', async () => {
  const controller = new AbortController();
  const { chunks, model, slot } = scene(() => {
    if (chunks.length === 2) controller.abort(new Error('gone'));
  });
  await assert.rejects(
    promptLogprobsOf(model, slot, sequence, { promptLogprobs: 0 }, controller.signal),
    /gone/,
  );
  assert.equal(chunks.length, 2);
});

test('nothing is read if nothing was asked for, or tokens were generated already', async () => {
  const { chunks, model, slot } = scene();
  assert.equal(await promptLogprobsOf(model, slot, sequence, { logprobs: 3 }, live), undefined);
  const resumed = { ...sequence, promptLength: NUM_TOKENS - 1 };
  assert.equal(await promptLogprobsOf(model, slot, resumed, { promptLogprobs: 0 }, live), undefined);
  assert.deepEqual(chunks, []);
  assert.equal(slot.cache.length, 70);
});

test('a prompt of one token has no entries', async () => {
  const { model, slot } = scene();
  const single = { ...sequence, tokens: [1], promptLength: 1 };
  const read = await promptLogprobsOf(model, slot, single, { promptLogprobs: 0 }, live);
  assert.deepEqual(read, { entries: [], computeMs: 0 });
});
