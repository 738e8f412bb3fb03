// A folder for one test, removed with all that is in it when the test ends.
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TestContext } from 'node:test';

export async function temporaryFolder(context: TestContext): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'outrider-'));
  context.after(() => rm(folder, { recursive: true, force: true }));
  return folder;
}
