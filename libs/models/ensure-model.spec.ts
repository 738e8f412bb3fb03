import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { mkdir, readdir, readFile, rm, truncate, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import { AppError } from '#libs/errors/index.js';
import { failureOf, GGUF, hostModel, manifestOf, modelBench } from '../../test/support/model-bench.js';
import { type BuildModel, ensureModel } from './ensure-model.js';
import { openModelFolder } from './model-folder.js';
import type { PullProgress } from './progress.js';

test('pulls from the hub, builds, and the second time asks nobody', async (context) => {
  const { hub, home, built, options } = await modelBench(context);
  hostModel(hub);
  const events: PullProgress[] = [];
  const folder = await ensureModel({ ...options, onProgress: (event) => events.push(event) });
  assert.equal(folder, join(home, 'models', 'tiny-q8'));
  assert.deepEqual(built, [join(home, 'sources', 'tiny', 'hub')]);
  assert.equal((await openModelFolder(folder, { verify: 'sha256' })).manifest.name, 'tiny');
  assert.deepEqual(events.at(-1), { phase: 'download', file: 'model.safetensors', done: 7, total: 7 });
  await hub.stop();
  assert.equal(await ensureModel(options), folder);
  assert.equal(built.length, 1);
  assert.deepEqual(await readdir(join(home, 'models')), ['tiny-q8']);
  assert.deepEqual(await readdir(join(home, 'locks')), []);
});

test('a damaged model is named with the command that mends it, and that command mends it', async (context) => {
  const { hub, options, built } = await modelBench(context);
  hostModel(hub);
  const folder = await ensureModel(options);
  await truncate(join(folder, 'model.onnx'), 3);
  const error = await failureOf(options);
  assert.equal(error.code, 'failed_precondition');
  assert.match(error.message, /model\.onnx has 3 bytes instead of 7\. Run "outrider pull tiny --force"/);
  await ensureModel({ ...options, force: true });
  await openModelFolder(folder, { verify: 'sha256' });
  assert.equal(built.length, 2);
  assert.equal(hub.requests.length, 2, 'intact sources are not downloaded again');
  await writeFile(join(folder, 'model.onnx'), 'WEIGHTS');
  await assert.rejects(openModelFolder(folder, { verify: 'sha256' }), /SHA-256 differs/);
  await writeFile(join(folder, 'outrider.json'), '{}');
  assert.match(
    (await failureOf(options)).message,
    /outrider\.json is missing or damaged .*pull tiny --force/s,
  );
});

test('a target of an older version is built again from what was downloaded; if that is gone it serves as it is', async (context) => {
  const { hub, home, options, built } = await modelBench(context);
  hostModel(hub);
  const folder = await ensureModel(options);
  const makeOld = async (part: 'batch' | 'features' | 'skipGraph') => {
    const file = join(folder, 'outrider.json');
    const { [part]: _, ...old } = JSON.parse(await readFile(file, 'utf8'));
    await writeFile(file, JSON.stringify(old));
  };
  await hub.stop();
  const said: string[] = [];
  const onProgress = ({ phase, file }: PullProgress) => void (phase === 'renew' && said.push(file));
  for (const part of ['batch', 'features', 'skipGraph'] as const) {
    await makeOld(part);
    assert.equal(await ensureModel({ ...options, onProgress }), folder);
    assert.equal((await openModelFolder(folder)).manifest[part], null);
  }
  const lacking = [
    /^tiny-q8, .* without a graph in/,
    / without the features that/,
    / of its own for layer skipping$/,
  ];
  assert.equal(said.length, lacking.length);
  for (const [i, pattern] of lacking.entries()) assert.match(said[i]!, pattern);
  await makeOld('features');
  await rm(join(home, 'sources'), { recursive: true });
  assert.equal(await ensureModel(options), folder);
  assert.equal((await openModelFolder(folder)).manifest.features, undefined);
  assert.equal(built.length, 4);
});

test('force downloads again what was damaged on disk without changing its size', async (context) => {
  const { hub, home, options } = await modelBench(context);
  hostModel(hub);
  const folder = await ensureModel(options);
  await writeFile(join(home, 'sources', 'tiny', 'hub', 'model.safetensors'), 'WEIGHTS');
  await ensureModel({ ...options, force: true });
  assert.equal(await readFile(join(folder, 'model.onnx'), 'utf8'), 'weights');
});

test('concurrent pulls of one model download and build it once', async (context) => {
  const { hub, options, built } = await modelBench(context);
  hostModel(hub);
  const waits: PullProgress[] = [];
  const onProgress = (event: PullProgress) => void (event.phase === 'wait' && waits.push(event));
  const folders = await Promise.all([1, 2, 3].map(() => ensureModel({ ...options, onProgress })));
  assert.equal(new Set(folders).size, 1);
  assert.equal(built.length, 1);
  assert.equal(hub.requests.length, 2);
  assert.equal(waits.length, 2);
});

test('a failed, lying or cancelled build leaves no model and no scratch folder', async (context) => {
  const { hub, home, options } = await modelBench(context);
  hostModel(hub);
  const build: BuildModel = () => Promise.reject(new AppError('failed_precondition', 'unknown tensor'));
  assert.match((await failureOf({ ...options, build })).message, /unknown tensor/);
  const lying: BuildModel = async () => manifestOf('tiny', { 'model.onnx': GGUF });
  assert.match((await failureOf({ ...options, build: lying })).message, /model\.onnx is missing/);
  assert.equal((await failureOf({ ...options, signal: AbortSignal.abort() })).code, 'cancelled');
  const abort = new AbortController();
  const slow: BuildModel = async (...args) => {
    abort.abort();
    return options.build(...args);
  };
  assert.equal((await failureOf({ ...options, build: slow, signal: abort.signal })).code, 'cancelled');
  assert.deepEqual(await readdir(join(home, 'models')), []);
});

test('scratch folders of a process that died are removed by the next pull, others are left', async (context) => {
  const { hub, home, options } = await modelBench(context);
  hostModel(hub);
  await mkdir(join(home, 'models', '.building-tiny-q8-abc123'), { recursive: true });
  await mkdir(join(home, 'models', '.building-tiny-q8-b-q8-abc123'));
  await ensureModel(options);
  assert.deepEqual((await readdir(join(home, 'models'))).sort(), [
    '.building-tiny-q8-b-q8-abc123',
    'tiny-q8',
  ]);
});

test('a bundled model is opened where it lies; when it is missing, a new installation is advised', async (context) => {
  const { options } = await modelBench(context, { name: 'tiny-draft' });
  assert.match((await failureOf(options)).message, /outrider\.json is missing.*install Outrider again/s);
  const folder = join(options.catalog.folder, 'tiny-draft');
  await mkdir(folder);
  await writeFile(join(folder, 'model.onnx'), GGUF);
  await writeFile(
    join(folder, 'outrider.json'),
    JSON.stringify(manifestOf('tiny-draft', { 'model.onnx': GGUF })),
  );
  assert.equal(await ensureModel(options), folder);
  assert.ok(!existsSync(options.home));
});

test('an unknown model is refused before anything is touched', async (context) => {
  const { options } = await modelBench(context, { name: 'huge' });
  assert.equal((await failureOf(options)).code, 'model_not_found');
  assert.ok(!existsSync(options.home));
});
