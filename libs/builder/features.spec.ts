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
async function open(options: Partial<BuildOptions> = {}, skipsLayers = false): Promise<Engine> {
  const out = join(root, `model-${count++}`);
  const manifest = await buildModel({ source, out, name: 'tiny', license: 'MIT', batchSlots: 3, ...options });
  const graphPath = join(out, skipsLayers ? manifest.skipGraph! : 'model.onnx');
  const engine = await openEngine({
    model: { ...manifest, layerSkip: skipsLayers, graphPath, threads: 1, exact: true },
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

for (const options of [
  { quantisation: 'f32' },
  {},
  { quantisation: 'w8' },
  { quantisation: 'q4', layerSkip: false },
] as const)
  test(`${JSON.stringify(options)}: features are bitwise the same in any chunking, and logits as without them`, async () => {
    const engine = await open(options);
    const plain = await open({ ...options, features: false });
    const skippable = await open({ ...options, layerSkip: true }, true);
    const sequence = tokens.slice(0, 61);
    const whole = await feed(engine, sequence, 61);
    assert.deepEqual(await feed(skippable, sequence, 7), whole, 'the graph whose layers can be skipped');
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

test('after rollbacks, and of the last tokens of a long prompt, features are bitwise what they were', async () => {
  const { model } = await open();
  const whole = new Uint16Array(tokens.length * WIDTH);
  await model.advance(model.newCache(), tokens, 1, live, { writes: { features: whole } });
  const cache = model.newCache();
  for (let start = 0; start < 40; start += 4) {
    await model.advance(cache, [...tokens.slice(start, start + 4), 9, 8, 7], 2);
    cache.truncate(start + 4);
  }
  const rest = new Uint16Array(20 * WIDTH);
  await model.advance(cache, tokens.slice(40, 60), 1, live, { writes: { features: rest } });
  assert.deepEqual(rest, whole.subarray(40 * WIDTH, 60 * WIDTH));
  // Fed 256 tokens at once, the wanted rows begin within a piece, at its end, or in the last one.
  for (const wanted of [600, 400, 344, 343, 90, 1, 0]) {
    const last = new Uint16Array(wanted * WIDTH);
    await model.advance(model.newCache(), tokens, 1, live, { writes: { features: last } });
    assert.deepEqual(last, whole.subarray((600 - wanted) * WIDTH), `${wanted} rows`);
  }
});

test('work that shares forwards gets bitwise its own features, in pieces or not, beside work that wants none', async () => {
  const { model, batcher, batchSlots } = await open();
  assert.equal(batchSlots, 3);
  const works = [70, 1, 33, 2, 9].map((length, i) => ({
    tokens: tokens.slice(10 * i, 10 * i + length),
    wanted: [70, 1, 20, 0, undefined][i],
  }));
  const run = (sequence: readonly number[], features: Uint16Array | undefined) =>
    batcher.advance(
      { cache: model.newCache(), tokens: sequence, rows: 1, writes: { features } },
      (logits, { jobs }) => ({ logits: logits.slice(), features, jobs }),
      live,
    );
  const rows = (wanted: number | undefined) =>
    wanted === undefined ? undefined : new Uint16Array(wanted * WIDTH);
  const together = await Promise.all(works.map((work) => run(work.tokens, rows(work.wanted))));
  assert.ok(together.some(({ jobs }) => jobs > 1));
  for (const [i, work] of works.entries()) {
    const { logits, features } = await run(work.tokens, rows(work.wanted));
    assert.deepEqual([together[i]!.logits, together[i]!.features], [logits, features], `work ${i}`);
  }
});

test('rows that a graph does not have, or of the wrong number, are refused', async () => {
  const [engine, plain] = [await open(), await open({ features: false })];
  const refused = async ({ model, batcher }: Engine, options: object) => {
    const cache = model.newCache();
    const work = { cache, tokens: [1, 2], rows: 1, ...options };
    await assert.rejects(model.advance(cache, [1, 2], 1, live, options), RangeError);
    await assert.rejects(
      batcher.advance(work, () => {}, live),
      RangeError,
    );
  };
  const features = new Uint16Array(2 * WIDTH);
  await refused(plain, { writes: { features } });
  await refused(engine, { writes: { features: new Uint16Array(3 * WIDTH) } });
  await refused(engine, { writes: { features: new Uint16Array(WIDTH + 1) } });
  await refused(engine, { writes: { states: new Float32Array(64) } });
  await refused(engine, { reads: { features } });
  await refused(engine, { reads: { own: new Float32Array(128) } });
  const skippable = await open({}, true);
  const skipMask = new Uint8Array(skippable.model.subLayers);
  assert.equal(skipMask.length, 4);
  await assert.rejects(
    skippable.model.advance(skippable.model.newCache(), [1, 2], 1, live, { writes: { features }, skipMask }),
    /Features are those of the full model/,
  );
});

test('a folder that an older version built opens as ever; one that promises what its graph lacks does not', async () => {
  const out = join(root, 'old');
  const { features: _, ...old } = await buildModel({
    source,
    out,
    name: 'tiny',
    license: 'MIT',
    features: false,
  });
  const shared = { graphPath: join(out, 'model.onnx'), threads: 1, exact: true };
  const load = (manifest: object) =>
    openEngine({ model: { ...old, ...shared, ...manifest }, kvBytes: 2 ** 24, slotTtlMs: 1000 });
  const engine = await load({});
  engines.push(engine);
  assert.equal(engine.model.features, null);
  const promising = load({ features: { layers: [0], width: 64 } });
  await assert.rejects(promising, /old.model\.onnx: the graph has no output "features", which its manifest/);
});
