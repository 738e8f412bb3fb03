// What a target's graphs give to a draft that reads it, on a tiny random checkpoint.
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { type Engine, openEngine } from '#libs/engine/index.js';
import { writeTinyHub } from '../../test/support/tiny-checkpoint.js';
import { type BuildOptions, buildModel } from './build-model.js';

const root = mkdtempSync(join(tmpdir(), 'outrider-features-'));
const source = writeTinyHub(join(root, 'hub'), { num_hidden_layers: 2, max_position_embeddings: 1024 });
const engines: Engine[] = [];
after(async () => {
  for (const engine of engines) await engine.release();
  rmSync(root, { recursive: true });
});

let count = 0;
async function open(options: Partial<BuildOptions> = {}): Promise<Engine> {
  const out = join(root, `model-${count++}`);
  const manifest = await buildModel({ source, out, name: 'tiny', license: 'MIT', batchSlots: 3, ...options });
  const graphPath = join(out, 'model.onnx');
  const engine = await openEngine({
    model: { ...manifest, graphPath, threads: 1, exact: true },
    kvBytes: 2 ** 24,
    slotTtlMs: 1000,
    batching: true,
    maxBatchTokens: 24,
  });
  engines.push(engine);
  return engine;
}

const WIDTH = 3 * 64;
const tokens = Array.from({ length: 600 }, (_, i) => (i * 37 + (i >> 3)) % 256);
const live = new AbortController().signal;

/** Logits of all tokens and features of as many as asked for, fed in pieces of `chunk`. */
async function feed({ model }: Engine, sequence: readonly number[], chunk: number, withFeatures = true) {
  const cache = model.newCache();
  const logits = new Float32Array(sequence.length * model.headSize);
  const features = new Uint16Array(sequence.length * WIDTH);
  for (let start = 0; start < sequence.length; start += chunk) {
    const part = sequence.slice(start, start + chunk);
    const rows = features.subarray(start * WIDTH, (start + part.length) * WIDTH);
    const options = withFeatures ? { writes: { features: rows } } : {};
    logits.set(await model.advance(cache, part, part.length, live, options), start * model.headSize);
  }
  return { logits, features };
}

for (const options of [{ quantisation: 'f32' }, { quantisation: 'q8' }, { layerSkip: false }] as const)
  test(`${JSON.stringify(options)}: features are bitwise the same in any chunking, and logits as without them`, async () => {
    const engine = await open(options);
    const plain = await open({ ...options, features: false });
    const sequence = tokens.slice(0, 61);
    const whole = await feed(engine, sequence, 61);
    assert.ok(whole.features.some((half) => half !== 0));
    assert.deepEqual(
      (await feed(plain, sequence, 61, false)).logits,
      whole.logits,
      'a graph without features',
    );
    for (const chunk of [1, 2, 3, 7, 16]) {
      assert.deepEqual(await feed(engine, sequence, chunk), whole, `chunks of ${chunk}`);
      assert.deepEqual((await feed(engine, sequence, chunk, false)).logits, whole.logits, 'unfetched');
    }
  });
