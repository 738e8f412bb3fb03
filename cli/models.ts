// The models a command needs, fetched and built when they are missing. Here the pull (libs/models) meets the builder.
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { buildModel, openCheckpoint } from '#libs/builder/index.js';
import { AppError } from '#libs/errors/index.js';
import { type BuildModel, type Catalog, ensureModel, findEntry, loadCatalog, openModelFolder } from '#libs/models/index.js';
import { progressDisplay } from './pull.js';

export interface ModelSettings {
  readonly home: string;
  /** A name of the catalog, or a folder with a built model. */
  readonly model: string;
  /** As `model`; by default the catalog's draft of the target. */
  readonly draft?: string | undefined;
  readonly env: NodeJS.ProcessEnv;
  readonly out: NodeJS.WriteStream;
  readonly force?: boolean;
}

export interface ModelFolders {
  readonly targetFolder: string;
  readonly draftFolder: string;
}

const CATALOG_FILE = fileURLToPath(new URL('../../models/catalog.json', import.meta.url));

/** @throws AppError failed_precondition when the two do not share a vocabulary, and what ensureModel throws. */
export async function ensureModels(settings: ModelSettings, signal: AbortSignal): Promise<ModelFolders> {
  const catalog = await loadCatalog(CATALOG_FILE);
  const targetFolder = await ensureOne(settings.model, catalog, settings, signal);
  const draft = settings.draft ?? findEntry(catalog, settings.model).draft;
  if (draft === undefined)
    throw new AppError('invalid_argument', `No draft model is known for ${settings.model}; name one with --draft.`);
  const draftFolder = await ensureOne(draft, catalog, settings, signal);
  const [target, small] = [await openModelFolder(targetFolder), await openModelFolder(draftFolder)];
  if (target.manifest.vocabularyFingerprint !== small.manifest.vocabularyFingerprint)
    throw new AppError(
      'failed_precondition',
      `The draft ${small.manifest.name} has another vocabulary than the target ${target.manifest.name}; ` +
        'choose a draft that was trained for this target.',
    );
  return { targetFolder, draftFolder };
}

/** One model by its catalog name, or by its folder. */
export async function ensureOne(
  nameOrFolder: string,
  catalog: Catalog,
  settings: Omit<ModelSettings, 'model'>,
  signal: AbortSignal,
): Promise<string> {
  if (existsSync(join(nameOrFolder, 'outrider.json'))) return nameOrFolder;
  const display = progressDisplay(settings.out);
  try {
    return await ensureModel({
      name: nameOrFolder,
      catalog,
      home: settings.home,
      build,
      settings: sourceSettings(settings.env),
      onProgress: display.show,
      signal,
      force: settings.force ?? false,
    });
  } finally {
    display.end();
  }
}
