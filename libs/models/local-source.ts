// A checkpoint that the user already has: nothing is copied, the builder reads it where it lies.
import { readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { AppError } from '#libs/errors/index.js';
import type { SourcePull } from './source-pull.js';

/**
 * Path of the GGUF file, or of the folder with config.json and safetensors.
 * Throws `unavailable` when no folder is configured (the next source's turn), and `failed_precondition` when the
 * configured one holds no checkpoint: who named a folder does not want another model instead.
 */
export async function findLocalCheckpoint({ settings }: SourcePull): Promise<string> {
  const path = settings.localFolder;
  if (!path) throw new AppError('unavailable', 'no folder was given');
  const names = await listNames(path);
  if (names === undefined) return path;
  if (names.includes('config.json') && names.some((name) => name.endsWith('.safetensors'))) return path;
  const ggufs = names.filter((name) => name.toLowerCase().endsWith('.gguf'));
  if (ggufs.length === 1) return join(path, ggufs[0] as string);
  const found =
    ggufs.length > 1 ? `holds several GGUF files (${ggufs.join(', ')}): name one of them` : NOTHING;
  throw new AppError('failed_precondition', `The model folder ${path} ${found}.`);
}

const NOTHING = 'holds neither a .gguf file nor config.json with .safetensors files';

/** Names in a folder; undefined when `path` is itself a GGUF file. */
async function listNames(path: string): Promise<string[] | undefined> {
  try {
    if ((await stat(path)).isDirectory()) return (await readdir(path)).sort();
  } catch (cause) {
    const reason = (cause as NodeJS.ErrnoException).code === 'ENOENT' ? 'does not exist' : 'cannot be read';
    throw new AppError('failed_precondition', `The model folder ${path} ${reason}.`, { cause });
  }
  if (path.toLowerCase().endsWith('.gguf')) return undefined;
  throw new AppError('failed_precondition', `${path} is neither a folder nor a .gguf file.`);
}
