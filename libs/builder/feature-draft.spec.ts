// A feature draft's graph as ONNX Runtime runs it, on a tiny random checkpoint.
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { type Engine, openEngine } from '#libs/engine/index.js';

import { writeTinyHub } from '../../test/support/tiny-checkpoint.js';
import {
  FEATURE_DRAFT,
  FEATURE_WIDTH,
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
  const { manifest } = await build();
  const { target_layers: layers, num_hidden_layers: numLayers } = FEATURE_DRAFT;
  assert.deepEqual(manifest.featureDraft, {
    file: 'model.features.onnx',
    numLayers,
    layers,
    width: FEATURE_WIDTH,
  });
  assert.deepEqual([manifest.features, manifest.numLayers], [null, 2]);
  const { manifest: plain } = await build({ source: tokenizerFrom });
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
