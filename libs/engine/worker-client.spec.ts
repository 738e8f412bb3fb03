import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { AppError } from '#libs/errors/index.js';
import { WorkerClient } from './worker-client.js';

const MODULE = new URL('../../test/support/echo-worker.js', import.meta.url);

async function start(crashes: AppError[] = []): Promise<WorkerClient<{ name: string }>> {
  const { client, info } = await WorkerClient.start<{ name: string }>({
    module: MODULE,
    workerData: 'fine',
    onCrash: (error) => crashes.push(error),
    restartDelayMs: 5,
  });
  assert.deepEqual(info, { name: 'echo' });
  return client;
}

test('a call returns what its handler returns, and typed arrays survive the passage', async () => {
  const client = await start();
  assert.deepEqual(await client.call('echo', { ids: Uint32Array.of(1, 2) }), { ids: Uint32Array.of(1, 2) });
  await client.stop();
});

test('an error keeps its code and field across the thread border', async () => {
  const client = await start();
  await assert.rejects(client.call('fail', {}), {
    name: 'AppError',
    code: 'session_lost',
    field: 'session_id',
  });
  await assert.rejects(client.call('nothing', {}), { code: 'internal' });
  await client.stop();
});

test('calls run one after the other, in the order they were made', async () => {
  const client = await start();
  await Promise.all([client.call('wait', 'first'), client.call('wait', 'second')]);
  assert.deepEqual(await client.call('order', {}), ['first done', 'second done']);
  await client.stop();
});

test('an abort rejects at once, reaches the handler, and lets queued calls go on', async () => {
  const client = await start();
  const controller = new AbortController();
  const aborted = client.call('wait', 'first', controller.signal);
  const next = client.call('wait', 'second');
  setTimeout(() => controller.abort(), 10);
  await assert.rejects(aborted, { name: 'AbortError' });
  await next;
  assert.deepEqual(await client.call('order', {}), ['first aborted', 'second done']);
  await client.stop();
});

test('a crash rejects every pending call, is reported, and the worker comes back', async () => {
  const crashes: AppError[] = [];
  const client = await start(crashes);
  const pending = [client.call('crash', {}), client.call('echo', 1), client.call('wait', 'x')];
  for (const result of await Promise.allSettled(pending)) {
    assert.equal(result.status, 'rejected');
    assert.equal((result as PromiseRejectedResult).reason.code, 'unavailable');
  }
  assert.equal(crashes.length, 1);
  while (!client.alive) await new Promise((resolve) => setTimeout(resolve, 5));
  assert.equal(await client.call('echo', 2), 2);
  await client.stop();
});

test('a worker that cannot start rejects with its own error', async () => {
  const started = WorkerClient.start({ module: MODULE, workerData: 'broken', onCrash: () => {} });
  await assert.rejects(started, { code: 'failed_precondition', message: 'The model file is damaged.' });
});

test('a call after stop is refused', async () => {
  const client = await start();
  await client.stop();
  await assert.rejects(client.call('echo', 1), { code: 'unavailable' });
});
