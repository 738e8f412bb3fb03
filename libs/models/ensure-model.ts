// From a name to the folder of a built model: opened when it is there, else pulled and built, once, whoever asks.
import { mkdtemp, readdir, rename, rm, stat, writeFile } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { AppError } from '#libs/errors/index.js';
import { throwIfCancelled } from './cancelled.js';
import { type Catalog, type CatalogEntry, findEntry } from './catalog.js';
import { diskError } from './disk-error.js';
import { builtModelFolder, lockFile } from './home.js';
import { withLock } from './lock.js';
import { makeFolder } from './make-folder.js';
import { MANIFEST_FILE, type Manifest } from './manifest.js';
import { mendCommand, openModelFolder } from './model-folder.js';
import type { ProgressListener } from './progress.js';
import { pullSource } from './pull-source.js';
import type { SourceSettings } from './source-pull.js';
import { syncFolder, syncTree } from './sync-folder.js';

/** Turns a checkpoint into a model in the empty folder `outFolder`. */
export type BuildModel = (
  sourcePath: string,
  entry: CatalogEntry,
  outFolder: string,
  onProgress: ProgressListener,
  signal: AbortSignal | undefined,
) => Promise<Manifest>;

export interface EnsureModelOptions {
  readonly name: string;
  readonly catalog: Catalog;
  /** Home folder: see `defaultHome`. */
  readonly home: string;
  readonly build: BuildModel;
  readonly settings?: SourceSettings;
  readonly onProgress?: ProgressListener | undefined;
  readonly signal?: AbortSignal | undefined;
  /** Build again although the model is there; downloaded files are kept only if their checksums still fit. */
  readonly force?: boolean;
}

/**
 * Folder of the built model. When it is there this takes milliseconds and no network.
 * Throws `model_not_found`, `unavailable` (no source answered, each with its reason), `failed_precondition` (damaged
 * model, bad local folder, disk) or `cancelled`.
 */
export async function ensureModel(options: EnsureModelOptions): Promise<string> {
  const { name, catalog, home, onProgress, signal } = options;
  throwIfCancelled(signal);
  const entry = findEntry(catalog, name);
  const bundled = entry.sources.find((source) => source.kind === 'bundled');
  if (bundled !== undefined) return await openBundled(join(catalog.folder, bundled.folder));
  const folder = builtModelFolder(home, entry);
  if (!options.force && (await stateOf(folder, entry)).is === 'current') return folder;
  const lock = lockFile(home, name);
  const onWait = () => onProgress?.({ phase: 'wait', file: basename(lock), done: 0, total: null });
  return await withLock(lock, { onWait, signal }, async () => {
    const state = options.force ? ({ is: 'to be replaced' } as const) : await stateOf(folder, entry);
    if (state.is === 'current') return folder;
    if (state.is === 'outdated') {
      const file = `${basename(folder)}, which an older version built without ${state.lacks}`;
      onProgress?.({ phase: 'renew', file, done: 0, total: null });
    }
    try {
      await pullAndBuild(entry, folder, options);
    } catch (error) {
      // What an older version has built still serves, only slower: its checkpoint may be out of reach.
      if (state.is !== 'outdated' || AppError.from(error).code !== 'unavailable') throw error;
    }
    return folder;
  });
}

async function openBundled(folder: string): Promise<string> {
  await openModelFolder(folder, { mend: 'It is part of Outrider itself: install Outrider again.' });
  return folder;
}

type FolderState =
  | { readonly is: 'missing' | 'current' }
  /** By a version that built targets without something. */
  | { readonly is: 'outdated'; readonly lacks: string };

/** A folder that is there but damaged throws: what was paid for with a download is not replaced in silence. */
async function stateOf(folder: string, { name, role }: CatalogEntry): Promise<FolderState> {
  if (!(await stat(folder).catch(() => undefined))) return { is: 'missing' };
  const { manifest } = await openModelFolder(folder, { mend: mendCommand(name) });
  if (role === 'target' && manifest.batch === undefined)
    return { is: 'outdated', lacks: 'a graph in which sessions share forwards' };
  if (role === 'target' && manifest.features === undefined)
    return { is: 'outdated', lacks: 'the features that a draft can read' };
  if (role === 'target' && manifest.skipGraph === undefined)
    return { is: 'outdated', lacks: 'a graph of its own for layer skipping' };
  return { is: 'current' };
}

async function pullAndBuild(entry: CatalogEntry, folder: string, options: EnsureModelOptions): Promise<void> {
  const { home, build, settings = {}, force = false, onProgress, signal } = options;
  const source = await pullSource(entry, home, { settings, deep: force, onProgress, signal });
  const parent = dirname(folder);
  const prefix = `.building-${basename(folder)}-`;
  await makeFolder(parent);
  await removeLeftovers(parent, prefix);
  const scratch = await mkdtemp(join(parent, prefix));
  try {
    const manifest = await build(source, entry, scratch, onProgress ?? (() => undefined), signal);
    throwIfCancelled(signal);
    await completeManifest(scratch, manifest);
    await openModelFolder(scratch, { mend: 'The build did not write what it says: report this as a bug.' });
    await putInPlace(scratch, folder);
  } finally {
    await rm(scratch, { recursive: true, force: true });
  }
}

/** Scratch folders of processes that died: ours is the lock, so nobody is working in them. */
async function removeLeftovers(parent: string, prefix: string): Promise<void> {
  for (const name of await readdir(parent)) {
    const isOurs = name.startsWith(prefix) && /^\w{6}(\.old)?$/.test(name.slice(prefix.length));
    if (isOurs) await rm(join(parent, name), { recursive: true, force: true });
  }
}

async function completeManifest(scratch: string, manifest: Manifest): Promise<void> {
  const file = join(scratch, MANIFEST_FILE);
  try {
    await writeFile(file, `${JSON.stringify(manifest, null, 2)}\n`, { flag: 'wx' });
  } catch (error) {
    // The builder may have written it itself, as it does when it is used without a catalog.
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw diskError(error, file);
  }
}

async function putInPlace(scratch: string, folder: string): Promise<void> {
  const old = `${scratch}.old`;
  try {
    await syncTree(scratch);
    const replaced = await rename(folder, old).then(
      () => true,
      (error: NodeJS.ErrnoException) => {
        if (error.code !== 'ENOENT') throw error;
        return false;
      },
    );
    await rename(scratch, folder);
    await syncFolder(dirname(folder));
    if (replaced) await rm(old, { recursive: true, force: true });
  } catch (error) {
    throw error instanceof AppError ? error : diskError(error, folder);
  }
}
