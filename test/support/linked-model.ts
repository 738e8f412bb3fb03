// Model folders for tests that change one file: links to the real ones, and a copy of that file.
import { copyFile, mkdir, readdir, symlink } from 'node:fs/promises';
import { basename, join } from 'node:path';
import type { TestContext } from 'node:test';
import { realModels } from './models.js';
import { temporaryFolder } from './temporary-folder.js';

/** A copy of a model's folder under `parent`: links, except for the file that the test will change. */
export async function linkedModel(model: string, parent: string, changed: string): Promise<string> {
  const folder = join(parent, basename(model));
  await mkdir(folder, { recursive: true });
  for (const file of await readdir(model)) {
    if (file === changed) await copyFile(join(model, file), join(folder, file));
    else await symlink(join(model, file), join(folder, file));
  }
  return folder;
}

/** A home in which the models are there already. */
export async function homeWithModels(t: TestContext, changed = ''): Promise<string> {
  const home = await temporaryFolder(t);
  await linkedModel((await realModels()).targetFolder, join(home, 'models'), changed);
  return home;
}
