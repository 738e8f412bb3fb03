// A feature draft's graph as ONNX Runtime runs it, on a tiny random checkpoint.
import assert from 'node:assert/strict';
import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { type Engine, openEngine } from '#libs/engine/index.js';

import { writeTinyHub } from '../../test/support/tiny-checkpoint.js';
import {
  FEATURE_DRAFT,
  FEATURE_WIDTH,
  featureDraftTensors,
  writeTinyFeatureDraft,
} from '../../test/support/tiny-feature-draft.js';
import { type BuildOptions, buildModel } from './build-model.js';

const root = mkdtempSync(join(tmpdir(), 'outrider-feature-draft-'));
const tokenizerFrom = writeTinyHub(join(root, 'target'));
const engines: Engine[] = [];
after(async () => {
  for (const engine of engines) await engine.release();
  rmSync(root, { recursive: true });
});

let count = 0;
const folder = (name: string) => join(root, `${name}-${count++}`);

async function build(options: Partial<BuildOptions> = {}) {
  const out = folder('model');
  const source = writeTinyFeatureDraft(folder('hub'));
  const named = { out, name: 'tiny-draft', license: 'MIT', tokenizerFrom };
  return { out, manifest: await buildModel({ source, ...named, ...options }) };
}

async function open(readsFeatures: boolean, options: Partial<BuildOptions> = {}): Promise<Engine> {
  const { out, manifest } = await build({ quantisation: 'f32', ...options });
  const graphPath = join(out, 'model.onnx');
  const model = { ...manifest, graphPath, threads: 1, exact: false };
  const engine = await openEngine({ model, kvBytes: 2 ** 24, slotTtlMs: 1000, readsFeatures });
  engines.push(engine);
  return engine;
}

test('a checkpoint with a second stack gives two graphs over one data file, and the manifest says so', async () => {
  const { manifest } = await build({ batchSlots: 1 });
  const { target_layers: layers, num_hidden_layers: numLayers } = FEATURE_DRAFT;
  assert.deepEqual(manifest.featureDraft, {
    file: 'model.features.onnx',
    numLayers,
    layers,
    width: FEATURE_WIDTH,
    batch: null,
  });
  assert.deepEqual([manifest.features, manifest.numLayers], [null, 2]);
  const { manifest: shared } = await build({ batchSlots: 2 });
  const batch = { file: 'model.features.batch.onnx', numSlots: 2, fewestTokens: 1 };
  assert.deepEqual(shared.featureDraft?.batch, batch);
  assert.deepEqual(shared.files['model.onnx.data'], manifest.files['model.onnx.data']);
  const { manifest: plain } = await build({ source: tokenizerFrom, batchSlots: 1 });
  assert.equal(plain.featureDraft, null);
  const bytes = (file: string) => manifest.files[file]!.bytes;
  assert.ok(bytes('model.onnx.data') < 1.8 * plain.files['model.onnx.data']!.bytes);
});

test('the stand-alone graph has nothing to read, the other one reads features', async () => {
  const [alone, reading] = [await open(false), await open(true)];
  assert.deepEqual([alone.model.reads, alone.model.sideWidths.states], [null, 0]);
  assert.deepEqual(reading.model.reads, { layers: FEATURE_DRAFT.target_layers, width: FEATURE_WIDTH });
  assert.equal(reading.model.sideWidths.states, 64);
});

test('a feature draft that is not whole, or not numbers, is refused with the tensor’s name, and nothing is left', async () => {
  const built = () => readdirSync(root).filter((name) => /^(\.|model)/.test(name));
  const before = built();
  const refused = async (
    change: (tensors: ReturnType<typeof featureDraftTensors>) => void,
    message: RegExp,
  ) => {
    const tensors = featureDraftTensors();
    change(tensors);
    await assert.rejects(build({ source: writeTinyFeatureDraft(folder('bad'), FEATURE_DRAFT, tensors) }), {
      code: 'failed_precondition',
      message,
    });
  };
  const [fusion, down] = ['feature.fusion.weight', 'feature.layers.0.mlp.down_proj.weight'];
  await refused((t) => void t.delete(fusion), /bad-\d+: tensor feature\.fusion\.weight is missing/);
  await refused((t) => void t.delete(down), /tensor feature\.layers\.0\.mlp\.down_proj\.weight is missing/);
  await refused(
    (t) => t.get(fusion)!.values.fill(Number.NaN, 5, 6),
    /fusion\.weight holds NaN at position 5/,
  );
  await refused(
    (t) => void t.set(fusion, t.get('feature.input.weight')!),
    /model\.safetensors: tensor feature\.fusion\.weight has shape \[64,128\], but its configuration implies \[64,192\]/,
  );
  const unknown = 'feature.layers.1.mlp.down_proj.weight';
  await refused((t) => void t.set(unknown, t.get(down)!), /layers\.1\.mlp\.down_proj\.weight has no place/);
  assert.deepEqual(built(), before);
});

test('an impossible feature_draft is refused before any tensor is read', async () => {
  const cases: [unknown, RegExp][] = [
    [5, /config\.json: feature_draft is not an object/],
    [[], /feature_draft is not an object/],
    [{}, /config\.json: .*featureDraft\.numLayers: /],
    [{ ...FEATURE_DRAFT, num_hidden_layers: 1e9 }, /featureDraft\.numLayers/],
    [{ ...FEATURE_DRAFT, target_layers: [] }, /featureDraft\.targetLayers/],
    [{ ...FEATURE_DRAFT, target_layers: new Array(1e5).fill(0) }, /featureDraft\.targetLayers/],
    [{ ...FEATURE_DRAFT, target_layers: [0, -1, 2] }, /featureDraft\.targetLayers\.1/],
    [{ ...FEATURE_DRAFT, target_layers: ['0', 1, 2] }, /featureDraft\.targetLayers\.0/],
    [{ ...FEATURE_DRAFT, target_hidden_size: 2 ** 40 }, /featureDraft\.targetHiddenSize/],
    [{ ...FEATURE_DRAFT, target_hidden_size: 11 }, /its widths \(.*33\) are not all multiples of 32/],
    [undefined, /tensor feature\.fusion\.weight has no place in the graph of llama/],
  ];
  for (const [feature, message] of cases) {
    const source = writeTinyFeatureDraft(folder('bad'), feature ?? null);
    await assert.rejects(build({ source }), { code: 'failed_precondition', message });
  }
  const source = writeTinyHub(folder('bad'), { model_type: 'qwen2', feature_draft: FEATURE_DRAFT });
  await assert.rejects(build({ source }), { message: /feature_draft has no graph beside model_type qwen2/ });
});

test('an engine that is to read features says so if the folder has no graph that does', async () => {
  const source = tokenizerFrom;
  await assert.rejects(open(true, { source }), {
    code: 'failed_precondition',
    message: /model-\d+ has no graph that reads a target's features/,
  });
});
