// What smoothing promises: the function stays the same, to the bit where floats hold it; and what it may be given.
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { inputMaxima, Model } from '#libs/engine/index.js';
import { writeTinyHub } from '../../test/support/tiny-checkpoint.js';
import { type BuildOptions, buildModel } from './build-model.js';

const root = mkdtempSync(join(tmpdir(), 'outrider-smoothing-'));
after(() => rmSync(root, { recursive: true }));
const source = writeTinyHub(join(root, 'hub'));
const tokens = Array.from({ length: 40 }, (_, i) => (i * 37 + 5) % 256);
let count = 0;

async function built(options: Partial<BuildOptions>) {
  const out = join(root, `model-${count++}`);
  const manifest = await buildModel({ source, out, name: 'tiny', license: 'MIT', ...options });
  return { ...manifest, graphPath: join(out, 'model.onnx'), threads: 1 };
}

async function logitsOf(options: Partial<BuildOptions>): Promise<Float32Array> {
  const model = await Model.load({ ...(await built(options)), exact: true });
  const logits = Float32Array.from(await model.advance(model.newCache(), tokens, tokens.length));
  await model.release();
  return logits;
}

const observed = () => built({ quantisation: 'f32', observed: true });

test('a graph that observes itself tells the largest magnitude of every channel of every product', async () => {
  const maxima = await inputMaxima(await observed(), [tokens, tokens.slice(0, 3)]);
  const fewer = await inputMaxima(await observed(), [tokens.slice(0, 3)]);
  const places = ['qkv', 'attention_output', 'gate_up', 'down'];
  for (const name of [...places.map((p) => `l0.${p}`), ...places.map((p) => `l1.${p}`)]) {
    assert.ok(
      maxima.get(name)!.every((max, i) => max > 0 && max >= fewer.get(name)![i]!),
      name,
    );
  }
});

test('smoothing changes weights, and not one bit of float32 logits', async () => {
  const maxima = await inputMaxima(await observed(), [tokens]);
  const plain = await logitsOf({ quantisation: 'f32' });
  assert.deepEqual(await logitsOf({ quantisation: 'f32', maxima }), plain);
  assert.notDeepEqual(await logitsOf({ quantisation: 'w8', maxima }), await logitsOf({ quantisation: 'w8' }));
});

test('maxima of another model are refused', async () => {
  const maxima = await inputMaxima(await observed(), [tokens]);
  maxima.set('l1.down', new Float32Array(7));
  await assert.rejects(built({ maxima }), /Maxima of 7 channels for a matrix of 96 columns/);
});
