import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { AppError } from '#libs/errors/index.js';
import { WorkerClient } from './worker-client.js';

const MODULE = new URL('../../test/support/echo-worker.js', import.meta.url);
const never = new AbortController().signal;

type Client = WorkerClient<{ name: string }>;

async function start(
  onCrash: (error: AppError) => void = () => {},
  onRestart: () => void = () => {},
): Promise<Client> {
  const { client, info } = await WorkerClient.start<{ name: string }>({
    module: MODULE,
    workerData: 'fine',
    onCrash,
    onRestart,
    restartDelayMs: 5,
  });
  assert.deepEqual(info, { name: 'echo' });
  return client;
}

async function items(
  client: Client,
  method: string,
  payload: unknown = {},
  signal = never,
): Promise<unknown[]> {
  const all: unknown[] = [];
  for await (const item of client.call(method, payload, signal)) all.push(item);
  return all;
}

test('a call yields what its handler yields, in order, and typed arrays survive the passage', async () => {
  const client = await start();
  assert.deepEqual(await items(client, 'count', 5), [1, 2, 3, 4, 5]);
  assert.deepEqual(await items(client, 'echo', { ids: Uint32Array.of(1, 2) }), [
    { ids: Uint32Array.of(1, 2) },
  ]);
  await client.stop();
});

test('an error keeps its code and field across the thread border', async () => {
  const client = await start();
  await assert.rejects(items(client, 'fail'), {
    name: 'AppError',
    code: 'session_lost',
    field: 'session_id',
  });
  await assert.rejects(items(client, 'nothing'), { code: 'internal' });
  await client.stop();
});

test('calls run side by side', async () => {
  const client = await start();
  const slow = client.call('tick', 'slow', never);
  await slow.next();
  assert.deepEqual(await items(client, 'count', 2), [1, 2]);
  await slow.return();
  await client.stop();
});

test('an abort ends the call at once with its reason, and reaches the handler', async () => {
  const client = await start();
  const controller = new AbortController();
  const call = client.call('tick', 'aborted', controller.signal);
  await call.next();
  controller.abort();
  await assert.rejects(
    async () => {
      for await (const _ of call);
    },
    { name: 'AbortError' },
  );
  await untilLogged(client, 'aborted ended');
  await assert.rejects(items(client, 'echo', 1, controller.signal), { name: 'AbortError' });
  await client.stop();
});

test('leaving the loop cancels the handler', async () => {
  const client = await start();
  for await (const i of client.call<number>('tick', 'left', never)) if (i === 2) break;
  await untilLogged(client, 'left ended');
  await client.stop();
});

test('a reader that stops holds up its own call alone, which has a bounded number of items under way', async () => {
  const client = await start();
  const slow = client.call<number>('produce', 'slow', never);
  assert.deepEqual((await slow.next()).value, 1);
  // Another call is answered in full; by then the thread has had its chance to run ahead on the first one.
  for (let round = 0; round < 5; round++) assert.equal((await items(client, 'count', 100)).length, 100);
  const [produced] = (await items(client, 'produced')) as [number];
  assert.ok(produced <= 18, `${produced} items were made for a reader that took one`);
  assert.ok(client.unreadItems <= 16);
  // It takes them up again and has them all, in order.
  for (let i = 2; i <= 200; i++) assert.equal((await slow.next()).value, i);
  await slow.return();
  await untilLogged(client, 'slow ended');
  assert.equal(client.unreadItems, 0);
  await client.stop();
});

test('a call that is paused ends when it is cancelled', async () => {
  const client = await start();
  const controller = new AbortController();
  const paused = client.call<number>('produce', 'paused', controller.signal);
  await paused.next();
  await items(client, 'count', 50);
  controller.abort();
  await assert.rejects(paused.next(), { name: 'AbortError' });
  await untilLogged(client, 'paused ended');
  await client.stop();
});

test('a crash fails every running call, is reported, and the worker comes back', async () => {
  const crashes: AppError[] = [];
  let restarted = (): void => {};
  const restart = new Promise<void>((resolve) => {
    restarted = resolve;
  });
  const client = await start(
    (error) => crashes.push(error),
    () => restarted(),
  );
  const running = [items(client, 'tick', 'x'), items(client, 'tick', 'y'), items(client, 'crash')];
  for (const result of await Promise.allSettled(running)) {
    assert.equal(result.status, 'rejected');
    assert.equal((result as PromiseRejectedResult).reason.code, 'unavailable');
  }
  assert.equal(crashes.length, 1);
  await assert.rejects(items(client, 'echo'), { code: 'unavailable' });
  await restart;
  assert.deepEqual(await items(client, 'echo', 2), [2]);
  await client.stop();
});

test('a worker that cannot start rejects with its own error', async () => {
  const started = WorkerClient.start({ module: MODULE, workerData: 'broken', onCrash: () => {} });
  await assert.rejects(started, { code: 'failed_precondition', message: 'The model file is damaged.' });
});

test('stop lets no call outlive it, and later calls are refused', async () => {
  const client = await start();
  const running = items(client, 'tick', 'z');
  const settled = assert.rejects(running);
  await new Promise((resolve) => setTimeout(resolve, 10));
  await client.stop();
  await settled;
  await assert.rejects(items(client, 'echo'), { code: 'unavailable' });
});

async function untilLogged(client: Client, line: string): Promise<void> {
  const deadline = Date.now() + 2000;
  while (Date.now() < deadline) {
    const [log] = (await items(client, 'log')) as [string[]];
    if (log.includes(line)) return;
  }
  assert.fail(`never logged: ${line}`);
}
