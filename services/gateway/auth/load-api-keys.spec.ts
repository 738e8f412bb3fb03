import assert from 'node:assert/strict';
import { rename, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import { temporaryFolder } from '../../../test/support/temporary-folder.js';
import { until } from '../../../test/support/until.js';
import { loadApiKeys, openApiKeys } from './load-api-keys.js';

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

test('a file that changes is read again: keys come and go, and a damaged file changes nothing', async (t) => {
  const apiKeyFile = join(await temporaryFolder(t), 'keys');
  const write = async (text: string) => {
    // As a mounted secret is replaced: never half written.
    await writeFile(`${apiKeyFile}.new`, text);
    await rename(`${apiKeyFile}.new`, apiKeyFile);
  };
  await write(`alice:${ALICE}\n`);
  const told: string[] = [];
  const keys = await openApiKeys(
    { apiKeys: undefined, apiKeyFile },
    {
      refreshMs: 5,
      onRenewed: ({ tenants }) => told.push(tenants.join()),
      onUnusable: ({ message }) => told.push(message),
    },
  );
  await write(`alice:${ALICE}\nbob:${BOB}\n`);
  await until('bob may come', () => told.length === 1);
  assert.deepEqual([keys.tenantOf(ALICE), keys.tenantOf(BOB)], ['alice', 'bob']);
  await write('');
  await until('an empty file is told of', () => told.length === 2);
  assert.match(told[1]!, /holds no key/);
  assert.equal(keys.tenantOf(ALICE), 'alice');
  await write(`bob:${BOB}\n`);
  await until('alice must go', () => told.length === 3);
  assert.throws(() => keys.tenantOf(ALICE), { code: 'invalid_api_key' });
  assert.equal(keys.required, true);
  assert.deepEqual(told, ['alice,bob', told[1], 'bob']);
});
