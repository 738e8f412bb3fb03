// Opens a built model's folder: its manifest, and whether every file it lists is really there and whole.
import { readFile, stat } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { z } from 'zod';
import { AppError } from '#libs/errors/index.js';
import { throwIfCancelled } from './cancelled.js';
import { sha256OfFile } from './file-hash.js';
import { MANIFEST_FILE, type Manifest, manifestSchema } from './manifest.js';
import type { ProgressListener } from './progress.js';

export interface ModelFolder {
  readonly folder: string;
  readonly manifest: Manifest;
}

export interface OpenOptions {
  /** `size` (default) costs one stat a file; `sha256` reads everything. */
  readonly verify?: 'size' | 'sha256';
  /** What the user should do about a damaged folder; by default to pull the model again. */
  readonly mend?: string;
  readonly onProgress?: ProgressListener | undefined;
  readonly signal?: AbortSignal | undefined;
}

/** Throws `failed_precondition` that names the missing or damaged file and the command that mends it. */
export async function openModelFolder(folder: string, options: OpenOptions = {}): Promise<ModelFolder> {
  const manifest = await readManifest(folder, options);
  for (const [path, expected] of Object.entries(manifest.files)) {
    const file = join(folder, path);
    const fault = await findFault(file, expected, path, options);
    if (fault === undefined) continue;
    throw new AppError(
      'failed_precondition',
      `${file} ${fault}. ${options.mend ?? mendCommand(manifest.name)}`,
    );
  }
  return { folder, manifest };
}

/** What to run when the model called `name` is damaged. */
export function mendCommand(name: string): string {
  return `Run "outrider pull ${name} --force" to mend it.`;
}

async function readManifest(folder: string, options: OpenOptions): Promise<Manifest> {
  const file = join(folder, MANIFEST_FILE);
  try {
    return manifestSchema.parse(JSON.parse(await readFile(file, 'utf8')));
  } catch (cause) {
    const reason = cause instanceof z.ZodError ? z.prettifyError(cause) : (cause as Error).message;
    const mend = options.mend ?? mendCommand(basename(folder).replace(/-(q8|q8b64|q4|w8|f32)$/, ''));
    throw new AppError('failed_precondition', `${file} is missing or damaged (${reason}). ${mend}`, {
      cause,
    });
  }
}

async function findFault(
  file: string,
  expected: { readonly bytes: number; readonly sha256: string },
  label: string,
  { verify = 'size', onProgress, signal }: OpenOptions,
): Promise<string | undefined> {
  const stats = await stat(file).catch(() => undefined);
  if (stats === undefined || !stats.isFile()) return 'is missing';
  if (stats.size !== expected.bytes) return `has ${stats.size} bytes instead of ${expected.bytes}`;
  if (verify === 'size') return undefined;
  try {
    const sha256 = await sha256OfFile(file, signal, (done) =>
      onProgress?.({ phase: 'verify', file: label, done, total: expected.bytes }),
    );
    return sha256 === expected.sha256 ? undefined : 'is damaged: its SHA-256 differs from the manifest';
  } catch (error) {
    throwIfCancelled(signal);
    return `cannot be read: ${error instanceof Error ? error.message : String(error)}`;
  }
}
