// The models a command needs, fetched and built when they are missing. Here the pull (libs/models) meets the builder.
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { buildModel } from '#libs/builder/index.js';
import { AppError } from '#libs/errors/index.js';
import {
  type BuildModel,
  type Catalog,
  ensureModel,
  findEntry,
  loadCatalog,
  MANIFEST_FILE,
  openModelFolder,
} from '#libs/models/index.js';
import { progressDisplay } from './progress-display.js';

export interface ModelSettings {
  readonly home: string;
  /** A name of the catalog, or a folder with a built model. */
  readonly model: string;
  /** As `model`; by default the catalog's draft of the target. */
  readonly draft?: string | undefined;
  /** A checkpoint that the user already has (GGUF file or folder), instead of a download. */
  readonly localFolder?: string | undefined;
  /** Origin of the hub or of a mirror. */
  readonly hubEndpoint?: string | undefined;
  readonly out: NodeJS.WriteStream;
  readonly force?: boolean;
}

export interface ModelFolders {
  readonly targetFolder: string;
  readonly draftFolder: string;
}

const CATALOG_FILE = fileURLToPath(new URL('../../models/catalog.json', import.meta.url));

export function defaultCatalog(): Promise<Catalog> {
  return loadCatalog(CATALOG_FILE);
}

/** @throws AppError failed_precondition when the two do not share a vocabulary, and what ensureModel throws. */
export async function ensureModels(settings: ModelSettings, signal: AbortSignal): Promise<ModelFolders> {
  const targetFolder = await ensureOne(settings.model, settings, signal);
  const target = await openModelFolder(targetFolder);
  const draft = settings.draft ?? (await draftOf(settings.model, target.manifest.name));
  const draftFolder = await ensureOne(draft, settings, signal);
  const { manifest } = await openModelFolder(draftFolder);
  if (target.manifest.vocabularyFingerprint !== manifest.vocabularyFingerprint)
    throw new AppError(
      'failed_precondition',
      `The draft ${manifest.name} has another vocabulary than the target ${target.manifest.name}; ` +
        'choose a draft that was trained for this target.',
    );
  return { targetFolder, draftFolder };
}

/** The folder of one model, named by the catalog or given as a folder. */
export async function ensureOne(
  nameOrFolder: string,
  settings: Omit<ModelSettings, 'model' | 'draft'>,
  signal: AbortSignal,
): Promise<string> {
  if (existsSync(join(nameOrFolder, MANIFEST_FILE))) return nameOrFolder;
  const display = progressDisplay(settings.out);
  try {
    return await ensureModel({
      name: nameOrFolder,
      catalog: await defaultCatalog(),
      home: settings.home,
      build,
      settings: { localFolder: settings.localFolder, hubEndpoint: settings.hubEndpoint },
      onProgress: display.show,
      signal,
      force: settings.force ?? false,
    });
  } finally {
    display.end();
  }
}

async function draftOf(model: string, name: string): Promise<string> {
  const { models } = await defaultCatalog();
  const draft = models.find((entry) => entry.name === model || entry.name === name)?.draft;
  if (draft !== undefined) return draft;
  throw new AppError('invalid_argument', `No draft model is known for ${model}; name one with --draft.`);
}

const build: BuildModel = (source, entry, out, onProgress, signal) =>
  buildModel({
    source,
    out,
    name: entry.name,
    license: entry.license,
    quantisation: entry.build.quantisation,
    onProgress: (done, total, what) => onProgress({ phase: 'build', file: what, done, total }),
    ...(signal !== undefined && { signal }),
  });
