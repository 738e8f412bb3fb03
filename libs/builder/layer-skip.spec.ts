// The skip mask as ONNX Runtime runs it, fed to the graph itself: what is written where, and what is not.
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { InferenceSession, Tensor } from 'onnxruntime-node';
import { TINY, writeTinyHub } from '../../test/support/tiny-checkpoint.js';
import { buildModel } from './build-model.js';

const root = mkdtempSync(join(tmpdir(), 'outrider-skip-'));
const sessions: InferenceSession[] = [];
after(async () => {
  for (const session of sessions) await session.release();
  rmSync(root, { recursive: true });
});

const { num_hidden_layers: layers, num_key_value_heads: heads, head_dim: dim, vocab_size: vocab } = TINY;
const CAPACITY = 32;
const CACHED = 4;
const SENTINEL = 7;
const TOKENS = [5, 6, 7];

async function load(layerSkip: boolean): Promise<InferenceSession> {
  const out = join(root, `model-${sessions.length}`);
  const source = writeTinyHub(join(root, `hub-${layerSkip}`));
  await buildModel({ source, out, name: 'tiny', license: 'MIT', quantisation: 'f32', layerSkip });
  const session = await InferenceSession.create(join(out, layerSkip ? 'model.skip.onnx' : 'model.onnx'), {
    logSeverityLevel: 3,
  });
  sessions.push(session);
  return session;
}

/** Runs TOKENS behind a cache that holds SENTINEL everywhere, in place. */
async function run(session: InferenceSession, mask: readonly number[] | null) {
  const feeds: Record<string, Tensor> = {
    input_ids: new Tensor('int64', BigInt64Array.from(TOKENS, BigInt), [1, TOKENS.length]),
    seqlens_k: new Tensor('int32', Int32Array.of(CACHED + TOKENS.length - 1), [1]),
    total_sequence_length: new Tensor('int32', Int32Array.of(CACHED + TOKENS.length), [1]),
    logit_rows: new Tensor('int64', BigInt64Array.of(0n, 2n), [2]),
  };
  if (mask) feeds.skip_mask = new Tensor('bool', Uint8Array.from(mask), [mask.length]);
  const logits = new Tensor('float32', new Float32Array(2 * vocab), [1, 2, vocab]);
  const fetches: Record<string, Tensor | null> = { __stop: null, logits };
  const keys: Float32Array[] = [];
  for (let i = 0; i < layers; i++) {
    for (const part of ['k', 'v']) {
      const values = new Float32Array(heads * CAPACITY * dim).fill(SENTINEL);
      const tensor = new Tensor('float32', values, [1, heads, CAPACITY, dim]);
      feeds[`past.${i}.${part}`] = tensor;
      fetches[`present.${i}.${part}`] = tensor;
      if (part === 'k') keys.push(values);
    }
  }
  // Fetching the sequence stops the binding before it copies: see libs/engine/in-place.ts.
  await assert.rejects(session.run(feeds, fetches), /Non tensor type/);
  return { logits: logits.data as Float32Array, keys };
}

const written = (keys: Float32Array) => keys.filter((value) => value !== SENTINEL).length;
const ROWS_WRITTEN = heads * TOKENS.length * dim;

test('with nothing skipped the graph is bitwise the one without a mask, KV written in place', async () => {
  const masked = await run(await load(true), new Array(2 * layers).fill(0));
  const plain = await run(await load(false), null);
  assert.deepEqual(masked, plain);
  assert.deepEqual(masked.keys.map(written), [ROWS_WRITTEN, ROWS_WRITTEN]);
});

test('a skipped attention leaves its KV untouched, a skipped MLP changes only what comes after', async () => {
  const session = await load(true);
  const full = await run(session, [0, 0, 0, 0]);
  const noAttention = await run(session, [1, 0, 0, 0]);
  assert.deepEqual(noAttention.keys.map(written), [0, ROWS_WRITTEN]);
  assert.notDeepEqual(noAttention.logits, full.logits);
  const noMlp = await run(session, [0, 1, 0, 0]);
  assert.deepEqual(noMlp.keys[0], full.keys[0]);
  assert.notDeepEqual(noMlp.keys[1], full.keys[1]);
  const nothing = await run(session, [1, 1, 1, 1]);
  assert.deepEqual(nothing.keys.map(written), [0, 0]);
});
