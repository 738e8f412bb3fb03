import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  type ClientReadableStream,
  credentials,
  loadPackageDefinition,
  type ServiceClientConstructor,
} from '@grpc/grpc-js';
import { loadSync } from '@grpc/proto-loader';
import { protoPath } from 'grpc-health-check';
import type { AppError } from '#libs/errors/index.js';
import { checkHealth } from '../client/health-client.js';
import { VerifierClient } from '../client/verifier-client.js';
import { LOADER_OPTIONS } from '../load.js';
import {
  aborted,
  collect,
  deferred,
  GENERATE_REQUEST,
  idleSignal,
  poolFor,
  responseOf,
  serveVerifier,
} from '../testing.js';
import { VERIFIER_SERVICE } from './verifier-service.js';

const CALL = { signal: idleSignal() };

test('a drain lets the running call finish and refuses new ones', async (t) => {
  const started = deferred();
  const finish = deferred();
  const { server, endpoint } = await serveVerifier(t, async function* () {
    started.resolve();
    yield responseOf([1]);
    await finish.promise;
    yield responseOf([2]);
  });
  const pool = poolFor(t);
  const client = new VerifierClient(endpoint, pool);
  const running = collect(client.generate(GENERATE_REQUEST, CALL));
  await started.promise;
  const drained = server.drain(60_000);
  assert.equal(await checkHealth(endpoint, VERIFIER_SERVICE, idleSignal(), pool), false);
  await assert.rejects(collect(client.generate(GENERATE_REQUEST, CALL)), { code: 'draining' });
  finish.resolve();
  assert.equal((await running).length, 2);
  assert.equal(await drained, 0);
  await assert.rejects(collect(client.generate(GENERATE_REQUEST, CALL)), { code: 'unavailable' });
});

test('at the end of a drain what still runs fails with draining, and its handler is told', async (t) => {
  const ended = deferred<unknown>();
  const { server, endpoint } = await serveVerifier(t, async function* (_, { signal }) {
    yield responseOf([1]);
    ended.resolve(await aborted(signal));
  });
  const responses = new VerifierClient(endpoint, poolFor(t)).generate(GENERATE_REQUEST, CALL);
  await responses.next();
  assert.equal(await server.drain(1), 1);
  await assert.rejects(responses.next(), { code: 'draining' });
  assert.equal(((await ended.promise) as AppError).code, 'draining');
});

test('close cuts a drain short; both resolve', async (t) => {
  const { server, endpoint } = await serveVerifier(t, async function* (_, { signal }) {
    yield responseOf([1]);
    await aborted(signal);
  });
  const responses = new VerifierClient(endpoint, poolFor(t)).generate(GENERATE_REQUEST, CALL);
  await responses.next();
  const drained = server.drain(3_600_000);
  await server.close();
  assert.equal(await drained, 1);
  await assert.rejects(responses.next(), { code: 'draining' });
});

test('a reader that stalls cannot hold up the end', async (t) => {
  const filler = new Array<number>(256).fill(0xffffffff);
  const { server, endpoint } = await serveVerifier(t, async function* (_, { signal }) {
    while (!signal.aborted) yield responseOf(filler);
  });
  const responses = new VerifierClient(endpoint, poolFor(t)).generate(GENERATE_REQUEST, CALL);
  await responses.next();
  await server.drain(1);
  await assert.rejects(collect(responses), { code: 'draining' });
});

test('a health watch hears SERVING, then NOT_SERVING at the drain, then the end', async (t) => {
  const { server, endpoint } = await serveVerifier(t, async function* () {}, { serving: false });
  const health = loadPackageDefinition(loadSync(protoPath, LOADER_OPTIONS)) as unknown as {
    grpc: { health: { v1: { Health: ServiceClientConstructor } } };
  };
  const client = new health.grpc.health.v1.Health(endpoint, credentials.createInsecure());
  t.after(() => client.close());
  const watch = client.watch!({ service: VERIFIER_SERVICE }) as ClientReadableStream<{ status: string }>;
  const heard: string[] = [];
  for await (const { status } of watch) {
    heard.push(status);
    if (heard.length === 1) server.setServing('', true);
    if (heard.length === 2) void server.drain(60_000);
  }
  assert.deepEqual(heard, ['NOT_SERVING', 'SERVING', 'NOT_SERVING']);
});

test('the whole server serves when all its services do; unknown services are not found', async (t) => {
  const { server, endpoint } = await serveVerifier(t, async function* () {}, { serving: false });
  const pool = poolFor(t);
  assert.equal(await checkHealth(endpoint, '', idleSignal(), pool), false);
  server.setServing(VERIFIER_SERVICE, true);
  assert.equal(await checkHealth(endpoint, '', idleSignal(), pool), true);
  await assert.rejects(checkHealth(endpoint, 'x.Y', idleSignal(), pool), { code: 'not_found' });
  assert.throws(() => server.setServing('x.Y', true), { code: 'invalid_argument' });
});
