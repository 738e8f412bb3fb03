import assert from 'node:assert/strict';
import { test } from 'node:test';
import { aborted, idleSignal, serveVerifier } from '../testing.js';
import { checkHealth, waitUntilServing } from './health-client.js';

test('waiting ends when the server starts serving', async (t) => {
  const { server, endpoint } = await serveVerifier(t, async function* () {}, { serving: false });
  assert.equal(await checkHealth(endpoint, '', idleSignal()), false);
  const waiting = waitUntilServing(endpoint, idleSignal());
  setTimeout(() => server.setServing('', true), 30);
  await waiting;
  assert.equal(await checkHealth(endpoint, '', idleSignal()), true);
});

test('waiting for a server that is not there ends when the signal aborts', async () => {
  const signal = AbortSignal.timeout(80);
  await assert.rejects(waitUntilServing('127.0.0.1:1', signal), { code: 'deadline_exceeded' });
  await aborted(signal);
});

test('asking a server that is not there is unavailable; a malformed endpoint is not waited for', async () => {
  await assert.rejects(checkHealth('127.0.0.1:1', '', idleSignal()), { code: 'unavailable' });
  await assert.rejects(waitUntilServing('nowhere', idleSignal()), { code: 'invalid_argument' });
});
