// Creates a folder with its parents, and says in plain words when the disk refuses.
import { mkdir } from 'node:fs/promises';
import { diskError } from './disk-error.js';

export async function makeFolder(folder: string): Promise<void> {
  try {
    await mkdir(folder, { recursive: true });
  } catch (error) {
    throw diskError(error, folder);
  }
}
