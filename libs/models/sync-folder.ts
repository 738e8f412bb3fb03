// Makes renames durable: a rename is on disk only once its folder is (not possible, and not needed, on Windows).
import { open, readdir } from 'node:fs/promises';
import { join } from 'node:path';

/** fsync of a folder's own entry list. */
export async function syncFolder(folder: string): Promise<void> {
  if (process.platform === 'win32') return;
  await syncPath(folder);
}

/** fsync of every file of a flat or nested folder, then of the folders themselves. */
export async function syncTree(folder: string): Promise<void> {
  for (const entry of await readdir(folder, { withFileTypes: true })) {
    const path = join(folder, entry.name);
    if (entry.isDirectory()) await syncTree(path);
    else if (entry.isFile()) await syncPath(path);
  }
  await syncFolder(folder);
}

async function syncPath(path: string): Promise<void> {
  const handle = await open(path, process.platform === 'win32' ? 'r+' : 'r');
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}
