// Tries a model's sources in their order and goes on fast when one fails, keeping every reason for the user.
import { AppError } from '#libs/errors/index.js';
import type { CatalogEntry, Source } from './catalog.js';
import { sourceFolder } from './home.js';
import { DEFAULT_HUB_ENDPOINT, pullFromHub } from './hub-source.js';
import { findLocalCheckpoint } from './local-source.js';
import type { SourcePull } from './source-pull.js';
import { pullFromWheel } from './wheel-source.js';

/**
 * Path of the checkpoint (a GGUF file, or a folder with config.json and safetensors), downloaded if need be.
 * Throws `unavailable` that lists each source with its reason; disk faults and cancellation end the pull at once.
 */
export async function pullSource(
  entry: CatalogEntry,
  home: string,
  options: Omit<SourcePull, 'folder'>,
): Promise<string> {
  const failures: string[] = [];
  for (const source of entry.sources) {
    try {
      return await pullFrom(source, { ...options, folder: sourceFolder(home, entry.name, source.kind) });
    } catch (error) {
      if (!(error instanceof AppError) || error.code !== 'unavailable') throw error;
      failures.push(`  ${failures.length + 1}. ${describeSource(source, options)}: ${error.message}`);
    }
  }
  throw new AppError(
    'unavailable',
    [`No source could give the model "${entry.name}":`, ...failures, nextStep(entry.name)].join('\n'),
  );
}

function pullFrom(source: Source, pull: SourcePull): Promise<string> {
  if (source.kind === 'local') return findLocalCheckpoint(pull);
  if (source.kind === 'hub') return pullFromHub(source, pull);
  if (source.kind === 'wheel') return pullFromWheel(source, pull);
  throw new AppError('internal', 'A bundled model is opened where it lies, not pulled.');
}

function describeSource(source: Source, { settings }: Omit<SourcePull, 'folder'>): string {
  if (source.kind === 'local') return 'local folder';
  if (source.kind === 'hub')
    return `hub ${settings.hubEndpoint ?? DEFAULT_HUB_ENDPOINT} (${source.repository})`;
  if (source.kind === 'wheel') return `Python wheel ${source.package} ${source.version}`;
  return source.folder;
}

function nextStep(name: string): string {
  return (
    `Check the network and run "outrider pull ${name}" again (downloads resume), ` +
    'or set OUTRIDER_CHECKPOINT to a GGUF file or to a folder with config.json and safetensors.'
  );
}
