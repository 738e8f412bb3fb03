import assert from 'node:assert/strict';
import { type AddressInfo, createServer } from 'node:net';
import { test } from 'node:test';
import { assertPortsFree } from './free-ports.js';

const HOST = '127.0.0.1';

test('free ports pass and stay free; a taken one and one given twice are named', async (t) => {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, HOST, resolve));
  t.after(() => server.close());
  const { port } = server.address() as AddressInfo;
  const taken = { port, variable: 'TAKEN_PORT' };
  await assert.rejects(assertPortsFree(HOST, [{ port: 0, variable: 'ANY' }, taken]), {
    code: 'failed_precondition',
    message: new RegExp(`Port ${port} on ${HOST} is in use already; set TAKEN_PORT`),
  });
  await new Promise((resolve) => server.close(resolve));
  await assertPortsFree(HOST, [taken]);
  await assertPortsFree(HOST, [taken]);
  await assert.rejects(assertPortsFree(HOST, [taken, { port, variable: 'TWICE' }]), /set TWICE to another/);
});
