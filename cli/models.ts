// The models a command needs, fetched and built when they are missing. Here the pull (libs/models) meets the builder.
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Quantisation } from '#libs/builder/index.js';
import { AppError } from '#libs/errors/index.js';
import {
  type BuildModel,
  type Catalog,
  loadCatalog,
  MANIFEST_FILE,
  openModelFolder,
} from '#libs/models/index.js';
import type { ProgressStream } from './progress-display.js';
import { pull } from './pull.js';
import { buildSmoothed } from './smoothed-build.js';

export interface ModelSettings {
  readonly home: string;
  /** A name of the catalog, or a folder with a built model. */
  readonly model: string;
  /** As `model`; by default the catalog's draft of the target. */
  readonly draft?: string | undefined;
  /** How the target's weights are stored, if not as the catalog says. */
  readonly quantisation?: Quantisation | undefined;
  /** A checkpoint that the user already has (GGUF file or folder), instead of a download. */
  readonly localFolder?: string | undefined;
  /** Origin of the hub or of a mirror. */
  readonly hubEndpoint?: string | undefined;
  readonly out: ProgressStream;
  /** Build again, downloading again whatever is damaged. */
  readonly force?: boolean;
  /** Compare every checksum, also of what was there already. */
  readonly verify?: boolean;
}

export interface ModelFolders {
  readonly targetFolder: string;
  readonly draftFolder: string;
}

const CATALOG_FILE = fileURLToPath(new URL('../../models/catalog.json', import.meta.url));

/** @throws AppError failed_precondition when the two cannot understand each other, and what `pull` throws. */
export async function ensureModels(settings: ModelSettings, signal: AbortSignal): Promise<ModelFolders> {
  const [targetFolder, catalogDraft] = await foldersOf(settings.model, settings, signal);
  // A checkpoint given by hand is the target's, never the draft's.
  const forDraft = { ...settings, localFolder: undefined, quantisation: undefined };
  const chosenDraft = settings.draft && (await foldersOf(settings.draft, forDraft, signal))[0];
  const draftFolder = chosenDraft ?? catalogDraft;
  if (draftFolder === undefined)
    throw new AppError(
      'invalid_argument',
      `No draft model is known for ${settings.model}; name one with --draft.`,
    );
  const { manifest: target } = await openModelFolder(targetFolder);
  const { manifest: draft } = await openModelFolder(draftFolder);
  if (target.vocabularyFingerprint !== draft.vocabularyFingerprint && !('tokenizer.json' in draft.files))
    throw new AppError(
      'failed_precondition',
      `The draft ${draft.name} has another vocabulary than the target ${target.name} and no tokenizer of its own; ` +
        'choose a draft that was trained for this target, or build the draft without --draft-of.',
    );
  return { targetFolder, draftFolder };
}

/** The folder of one model, fetched and built if it is missing. */
export async function ensureTarget(settings: ModelSettings, signal: AbortSignal): Promise<string> {
  return (await foldersOf(settings.model, settings, signal))[0];
}

/** The folder of a model and, when the catalog names one, that of its draft. */
async function foldersOf(
  nameOrFolder: string,
  settings: ModelSettings,
  signal: AbortSignal,
): Promise<[string, string | undefined]> {
  if (existsSync(join(nameOrFolder, MANIFEST_FILE))) return [nameOrFolder, undefined];
  const pulled = await pull({
    name: nameOrFolder,
    catalog: inForm(await loadCatalog(CATALOG_FILE), nameOrFolder, settings.quantisation),
    home: settings.home,
    build,
    settings: { localFolder: settings.localFolder, hubEndpoint: settings.hubEndpoint },
    stream: settings.out,
    force: settings.force ?? false,
    verify: settings.verify ?? false,
    signal,
  });
  return [pulled[0]!.folder, pulled[1]?.folder];
}

/** The catalog with another form for one of its models. */
function inForm(catalog: Catalog, name: string, quantisation: Quantisation | undefined): Catalog {
  if (quantisation === undefined) return catalog;
  const models = catalog.models.map((entry) =>
    entry.name === name ? { ...entry, build: { quantisation } } : entry,
  );
  return { ...catalog, models };
}

const build: BuildModel = (source, entry, out, onProgress, signal) =>
  buildSmoothed({
    source,
    out,
    name: entry.name,
    license: entry.license,
    quantisation: entry.build.quantisation,
    onProgress: (done, total, what) => onProgress({ phase: 'build', file: what, done, total }),
    ...(signal !== undefined && { signal }),
  });
