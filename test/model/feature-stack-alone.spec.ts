// A draft whose only layers are those that read features: what is built of it, and that it serves without features too.
import assert from 'node:assert/strict';
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { buildModel } from '#libs/builder/index.js';
import { type Engine, openEngine } from '#libs/engine/index.js';
import { draftOptions, hostingSchema } from '#libs/hosting/index.js';
import { openModelFolder } from '#libs/models/index.js';
import { writeTinyHub } from '../support/tiny-checkpoint.js';
import { FEATURE_DRAFT, FEATURE_WIDTH, featureDraftTensors } from '../support/tiny-feature-draft.js';

const root = mkdtempSync(join(tmpdir(), 'outrider-feature-stack-'));
const tokenizerFrom = writeTinyHub(join(root, 'target'));
const engines: Engine[] = [];
after(async () => {
  for (const engine of engines) await engine.release();
  rmSync(root, { recursive: true });
});

const tokens = [3, 1, 4, 1, 5];
const standsAlone = (name: string) => name.startsWith('model.layers.') || name === 'model.norm.weight';

async function build(
  name: string,
  config: Readonly<Record<string, unknown>>,
  keep: (tensor: string) => boolean,
) {
  const tensors = new Map([...featureDraftTensors()].filter(([tensor]) => keep(tensor)));
  const source = writeTinyHub(join(root, `${name}-hub`), config, tensors);
  const out = join(root, name);
  const manifest = await buildModel({
    source,
    out,
    name: 'tiny-draft',
    license: 'MIT',
    tokenizerFrom,
    quantisation: 'f32',
    batchSlots: 2,
  });
  return { out, manifest };
}

async function open(folder: string, mayRead: boolean): Promise<Engine> {
  const use = { threads: 1, batching: false, mayRead: () => mayRead };
  const { engine } = await draftOptions(await openModelFolder(folder), hostingSchema.parse({}), use);
  const opened = await openEngine({ ...engine, kvBytes: 2 ** 24 });
  engines.push(opened);
  return opened;
}

async function logitsOf({ model }: Engine, features?: Uint16Array): Promise<Float32Array> {
  const sides = features && { reads: { features } };
  return (await model.advance(model.newCache(), tokens, tokens.length, undefined, sides)).slice();
}

const whole = () => build('both', { feature_draft: FEATURE_DRAFT }, () => true);
const config = { num_hidden_layers: 0, feature_draft: FEATURE_DRAFT };
const only = build('only', config, (name) => !standsAlone(name));

test('it has the graphs that read features, no others, and the manifest says so', async () => {
  const { out, manifest } = await only;
  assert.deepEqual([manifest.numLayers, manifest.batch], [0, null]);
  assert.equal(manifest.featureDraft?.numLayers, FEATURE_DRAFT.num_hidden_layers);
  assert.equal(manifest.featureDraft?.batch?.file, 'model.features.batch.onnx');
  const found = ['model.onnx', 'model.batch.onnx', 'model.features.onnx'].map((file) =>
    existsSync(join(out, file)),
  );
  assert.deepEqual(found, [false, false, true]);
});

test('it computes what the same layers compute beside a stand-alone draft, with features and without', async () => {
  const [alone, beside] = [await open((await only).out, true), await open((await whole()).out, true)];
  const halves = Uint16Array.from({ length: tokens.length * FEATURE_WIDTH }, (_, i) => 0x3000 + (i % 2048));
  const read = await logitsOf(alone, halves);
  assert.deepEqual(read, await logitsOf(beside, halves));
  const unread = await logitsOf(alone);
  assert.deepEqual(unread, await logitsOf(beside));
  assert.notDeepEqual(read, unread);
});

test('who may not read features opens the same graph, which then reads zeros', async () => {
  const { out } = await only;
  const [reading, not] = [await open(out, true), await open(out, false)];
  assert.deepEqual(await logitsOf(not), await logitsOf(reading));
});

test('a checkpoint without layers of either kind is refused', async () => {
  const plain = build(
    'none',
    { num_hidden_layers: 0 },
    (name) => !standsAlone(name) && !name.startsWith('feature.'),
  );
  await assert.rejects(plain, { code: 'failed_precondition', message: /numLayers must be at least 1/ });
});
