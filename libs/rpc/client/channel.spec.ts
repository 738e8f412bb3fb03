import assert from 'node:assert/strict';
import { once } from 'node:events';
import { type AddressInfo, createServer, type Socket } from 'node:net';
import { test } from 'node:test';
import {
  aborted,
  collect,
  GENERATE_REQUEST,
  idleSignal,
  MODEL_INFO,
  poolFor,
  responseOf,
  serveVerifier,
} from '../testing.js';
import { ChannelPool } from './channel-pool.js';
import { VerifierClient } from './verifier-client.js';

const SIGNAL = idleSignal();

test('a port where nobody listens fails at once with unavailable', async (t) => {
  const client = new VerifierClient('127.0.0.1:1', poolFor(t));
  await assert.rejects(client.modelInfo(SIGNAL), { code: 'unavailable', message: /127\.0\.0\.1:1/ });
  await assert.rejects(collect(client.generate(GENERATE_REQUEST, { signal: SIGNAL })), {
    code: 'unavailable',
  });
});

test('a peer that accepts connections and says nothing fails within the connect timeout', async (t) => {
  const sockets: Socket[] = [];
  const silent = createServer((socket) => sockets.push(socket)).listen(0, '127.0.0.1');
  await once(silent, 'listening');
  t.after(() => {
    for (const socket of sockets) socket.destroy();
    silent.close();
  });
  const pool = new ChannelPool({ connectTimeoutMs: 50 });
  t.after(() => pool.close());
  const client = new VerifierClient(`127.0.0.1:${(silent.address() as AddressInfo).port}`, pool);
  await assert.rejects(client.modelInfo(SIGNAL), { code: 'unavailable' });
});

test('a wait for a connection ends when the signal aborts', async (t) => {
  const client = new VerifierClient('127.0.0.1:1', poolFor(t));
  await assert.rejects(client.modelInfo(AbortSignal.abort()), { code: 'cancelled' });
});

test('after the peer comes back, calls work again', async (t) => {
  const first = await serveVerifier(t, async function* () {});
  const client = new VerifierClient(first.endpoint, poolFor(t));
  assert.deepEqual(await client.modelInfo(SIGNAL), MODEL_INFO);
  await first.server.close();
  await assert.rejects(client.modelInfo(SIGNAL), { code: 'unavailable' });
  await serveVerifier(t, async function* () {}, { port: first.server.port });
  let info: unknown;
  while (info === undefined)
    info = await client.modelInfo(SIGNAL).catch(() => new Promise((r) => setTimeout(r, 20)));
  assert.deepEqual(info, MODEL_INFO);
});

test('a peer that closes in the middle of a stream fails the call with draining', async (t) => {
  const { server, endpoint } = await serveVerifier(t, async function* (_, { signal }) {
    yield responseOf([1]);
    await aborted(signal);
  });
  const responses = new VerifierClient(endpoint, poolFor(t)).generate(GENERATE_REQUEST, { signal: SIGNAL });
  await responses.next();
  await server.close();
  await assert.rejects(responses.next(), { code: 'draining' });
});

test('clients of one endpoint share a channel, which outlives them', (t) => {
  const pool = poolFor(t);
  const first = pool.lease('127.0.0.1:1');
  const second = pool.lease('127.0.0.1:1');
  assert.equal(first.channel, second.channel);
  first.release();
  second.release();
  assert.equal(pool.lease('127.0.0.1:1').channel, first.channel);
});

test('idle channels above the limit are closed, the longest unused first; used ones never', (t) => {
  const pool = new ChannelPool({ maxIdleChannels: 1 });
  t.after(() => pool.close());
  const [a, b, c] = [pool.lease('a:1'), pool.lease('b:1'), pool.lease('c:1')];
  a.release();
  a.release();
  b.release();
  assert.equal(pool.lease('c:1').channel, c.channel);
  assert.equal(pool.lease('b:1').channel, b.channel);
  assert.notEqual(pool.lease('a:1').channel, a.channel);
});

test('an endpoint that is no host:port is refused, also one that looks like another scheme', (t) => {
  const pool = poolFor(t);
  for (const endpoint of [
    '',
    'host',
    'host:',
    'host:70000',
    'unix:/run/x',
    'dns:///a:1',
    'a b:1',
    'user@h:1',
  ])
    assert.throws(
      () => new VerifierClient(endpoint, pool),
      { code: 'invalid_argument', field: 'endpoint' },
      endpoint,
    );
});
