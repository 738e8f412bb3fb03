import assert from 'node:assert/strict';
import { test } from 'node:test';
import { startProbe } from './probe.js';

const HOST = '127.0.0.1';

async function scene() {
  const state = { isReady: false, metrics: async () => 'outrider_rounds_total 3\n' };
  const probe = await startProbe({
    host: HOST,
    port: 0,
    isReady: () => state.isReady,
    metrics: () => state.metrics(),
  });
  const ask = async (path: string, init?: RequestInit) => {
    const response = await fetch(`http://${HOST}:${probe!.port}${path}`, init);
    return {
      status: response.status,
      text: await response.text(),
      type: response.headers.get('content-type'),
    };
  };
  return { state, probe: probe!, ask };
}

test('it lives at once, is ready when told so, and shows the metrics', async () => {
  const { state, probe, ask } = await scene();
  assert.equal((await ask('/health')).status, 200);
  assert.equal((await ask('/ready')).status, 503);
  state.isReady = true;
  assert.equal((await ask('/ready')).status, 200);
  assert.deepEqual(await ask('/metrics?x=1'), {
    status: 200,
    text: 'outrider_rounds_total 3\n',
    type: 'text/plain; version=0.0.4; charset=utf-8',
  });
  await probe.close();
});

test('whatever else is asked is refused, and a failure is told without its reasons', async () => {
  const { state, probe, ask } = await scene();
  for (const path of ['/', '/metrics/', '/constructor', '/__proto__'])
    assert.equal((await ask(path)).status, 404);
  assert.equal((await ask('/metrics', { method: 'POST', body: 'x' })).status, 405);
  state.metrics = async () => {
    throw new Error('a secret');
  };
  assert.deepEqual(
    [(await ask('/metrics')).status, (await ask('/metrics')).text],
    [500, 'The metrics could not be collected.\n'],
  );
  await probe.close();
});

test('without a port there is no probe; a port in use is named', async () => {
  const options = { host: HOST, isReady: () => true, metrics: async () => '' };
  assert.equal(await startProbe({ ...options, port: undefined }), undefined);
  const { probe } = await scene();
  await assert.rejects(startProbe({ ...options, port: probe.port }), {
    code: 'failed_precondition',
    message: new RegExp(`metrics port ${probe.port}`),
  });
  await probe.close();
});
