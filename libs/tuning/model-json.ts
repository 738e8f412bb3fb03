// JSON files that a tuning leaves beside a model: read whole, and replaced as a whole.
import { readFile, rename, writeFile } from 'node:fs/promises';
import { AppError } from '#libs/errors/index.js';

/** Undefined if there is no such file. @throws AppError failed_precondition if it cannot be read or is not JSON. */
export async function readModelJson(file: string): Promise<{ readonly value: unknown } | undefined> {
  let text: string;
  try {
    text = await readFile(file, 'utf8');
  } catch (cause) {
    if ((cause as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    const message = `${file} cannot be read: ${(cause as Error).message}`;
    throw new AppError('failed_precondition', message, { cause });
  }
  try {
    return { value: JSON.parse(text) };
  } catch (cause) {
    throw new AppError('failed_precondition', `${file} is not JSON: ${(cause as Error).message}`, { cause });
  }
}

export async function replaceModelJson(file: string, value: unknown): Promise<void> {
  await writeFile(`${file}.new`, `${JSON.stringify(value, null, 2)}\n`);
  await rename(`${file}.new`, file);
}
