import assert from 'node:assert/strict';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import { temporaryFolder } from '../../../test/support/temporary-folder.js';
import { loadApiKeys } from './load-api-keys.js';

const ALICE = 'sk-alice-0123456789';
const BOB = 'sk-bob-0123456789';

test('keys come from the list and from the file, which may have comments', async (t) => {
  const apiKeyFile = join(await temporaryFolder(t), 'keys');
  await writeFile(apiKeyFile, `# who\n\n bob:${BOB} \r\n`);
  const keys = await loadApiKeys({ apiKeys: `alice:${ALICE}, `, apiKeyFile });
  assert.equal(keys.tenantOf(ALICE), 'alice');
  assert.equal(keys.tenantOf(BOB), 'bob');
});

test('nothing set needs no key; a file that is missing or empty stops the start', async (t) => {
  const folder = await temporaryFolder(t);
  assert.equal((await loadApiKeys({ apiKeys: undefined, apiKeyFile: undefined })).required, false);
  const file = (apiKeyFile: string) => loadApiKeys({ apiKeys: undefined, apiKeyFile });
  await assert.rejects(file(join(folder, 'none')), {
    code: 'failed_precondition',
    message: /none can't be read/,
  });
  await writeFile(join(folder, 'empty'), '# nobody\n');
  await assert.rejects(file(join(folder, 'empty')), { code: 'failed_precondition', message: /holds no key/ });
  await assert.rejects(loadApiKeys({ apiKeys: ' , ', apiKeyFile: undefined }), {
    code: 'failed_precondition',
  });
});
