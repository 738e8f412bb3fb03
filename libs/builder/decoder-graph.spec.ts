// The graph as ONNX Runtime runs it, on a tiny random checkpoint.
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { Model } from '#libs/engine/index.js';
import { writeTinyHub } from '../../test/support/tiny-checkpoint.js';
import { type BuildOptions, buildModel } from './build-model.js';

const root = mkdtempSync(join(tmpdir(), 'outrider-graph-'));
const source = writeTinyHub(join(root, 'hub'));
const models: Model[] = [];
after(async () => {
  for (const model of models) await model.release();
  rmSync(root, { recursive: true });
});

let count = 0;
async function load(options: Partial<BuildOptions>): Promise<Model> {
  const out = join(root, `model-${count++}`);
  const manifest = await buildModel({ source, out, name: 'tiny', license: 'MIT', ...options });
  const model = await Model.load({
    ...manifest,
    graphPath: join(out, 'model.onnx'),
    threads: 1,
    exact: true,
  });
  models.push(model);
  return model;
}

const tokens = Array.from({ length: 61 }, (_, i) => (i * 37 + 5) % 256);

/** Logits of every position, fed in chunks: [tokens, headSize]. */
async function logitsOf(model: Model, chunk: number): Promise<Float32Array> {
  const cache = model.newCache();
  const logits = new Float32Array(tokens.length * model.headSize);
  for (let start = 0; start < tokens.length; start += chunk) {
    const part = tokens.slice(start, start + chunk);
    logits.set(await model.advance(cache, part, part.length), start * model.headSize);
  }
  return logits;
}

function meanDifference(a: Float32Array, b: Float32Array): number {
  return a.reduce((sum, value, i) => sum + Math.abs(value - b[i]!), 0) / a.length;
}

for (const quantisation of ['f32', 'q8', 'q8b64', 'w8'] as const) {
  for (const layerSkip of [true, false]) {
    test(`${quantisation}, layerSkip ${layerSkip}: any chunking gives bitwise the same logits, in place`, async () => {
      const model = await load({ quantisation, layerSkip });
      assert.equal(model.inPlace, true);
      const whole = await logitsOf(model, tokens.length);
      assert.ok(whole.some((value) => Math.abs(value) > 0.1));
      for (const chunk of [2, 3, 7, 16])
        assert.deepEqual(await logitsOf(model, chunk), whole, `chunks of ${chunk}`);
    });
  }
}

test('quantised logits lie near those of float32, 8 bits nearer than 4', async () => {
  const exact = await logitsOf(await load({ quantisation: 'f32' }), 61);
  const spread = meanDifference(exact, new Float32Array(exact.length));
  const off = async (options: Partial<BuildOptions>) =>
    meanDifference(await logitsOf(await load(options), 61), exact) / spread;
  const [large, rowwise] = [await off({ quantisation: 'q8b64' }), await off({ quantisation: 'w8' })];
  assert.ok(large < 0.05 && rowwise < 0.1, `off by ${large} in large blocks, ${rowwise} with a scale a row`);
  const [q8, mixed, q4] = [await off({}), await off({ embeddingBits: 4 }), await off({ quantisation: 'q4' })];
  assert.ok(q8 < 0.05, `q8 is off by ${q8}`);
  assert.ok(
    mixed < 0.5 && q4 < 0.8 && q8 < mixed,
    `off by ${mixed} with a 4-bit embedding, ${q4} with 4 bits`,
  );
});

test('a sliding window forgets what lies before it', async () => {
  const windowed = writeTinyHub(join(root, 'windowed'), { sliding_window: 8 });
  const whole = await logitsOf(await load({ quantisation: 'f32' }), 61);
  const cut = await logitsOf(await load({ quantisation: 'f32', source: windowed }), 61);
  const rows = (logits: Float32Array, from: number, to: number) => logits.subarray(from * 260, to * 260);
  assert.deepEqual(rows(cut, 0, 8), rows(whole, 0, 8));
  assert.notDeepEqual(rows(cut, 20, 61), rows(whole, 20, 61));
});
