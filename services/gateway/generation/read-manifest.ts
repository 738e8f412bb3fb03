// The manifest of a built model's folder, without the weights.
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { AppError, validated } from '#libs/errors/index.js';
import { MANIFEST_FILE, type Manifest, manifestSchema } from '#libs/models/index.js';

/** Throws `failed_precondition`. Not `openModelFolder`: that checks the weights too, which a gateway's machine need not have. */
export async function readManifest(folder: string): Promise<Manifest> {
  const file = join(folder, MANIFEST_FILE);
  let value: unknown;
  try {
    value = JSON.parse(await readFile(file, 'utf8'));
  } catch (cause) {
    throw new AppError('failed_precondition', `${file} is missing or damaged: ${(cause as Error).message}.`, {
      cause,
    });
  }
  return validated(manifestSchema, value, file);
}
