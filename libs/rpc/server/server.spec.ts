import assert from 'node:assert/strict';
import { test } from 'node:test';
import { AppError } from '#libs/errors/index.js';
import { VerifierClient } from '../client/verifier-client.js';
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
import type { CallContext } from './running-call.js';
import { startServer } from './server.js';

const CALL = { signal: idleSignal() };

test('handlers see the request, the deadline, the request id and other metadata', async (t) => {
  let seen: CallContext | undefined;
  const { endpoint } = await serveVerifier(t, async function* (request, context) {
    seen = context;
    assert.deepEqual(request, GENERATE_REQUEST);
    yield responseOf([1]);
  });
  const client = new VerifierClient(endpoint, poolFor(t));
  const options = { ...CALL, deadlineMs: 60_000, requestId: 'r-7', metadata: { traceparent: '00-ab' } };
  for await (const response of client.generate(GENERATE_REQUEST, options))
    assert.deepEqual(response, responseOf([1]));
  assert.equal(seen?.requestId, 'r-7');
  assert.equal(seen?.metadata('traceparent'), '00-ab');
  assert.ok(seen?.deadline !== undefined && seen.deadline > Date.now());
  assert.equal(seen.signal.aborted, false, 'a good end is no abort');
});

test('an AppError reaches the client with code, field and message, before and after the first response', async (t) => {
  const message = `Größe\n${'漢'.repeat(3000)}`;
  const { endpoint } = await serveVerifier(t, async function* (request) {
    if (request.maxTokens > 1) yield responseOf([1]);
    throw new AppError('context_length_exceeded', message, { field: 'tokens', retryAfterSeconds: 2 });
  });
  const client = new VerifierClient(endpoint, poolFor(t));
  for (const maxTokens of [1, 2])
    await assert.rejects(
      collect(client.generate({ ...GENERATE_REQUEST, maxTokens }, CALL)),
      (error: AppError) => {
        assert.deepEqual(
          [error.code, error.field, error.retryAfterSeconds],
          ['context_length_exceeded', 'tokens', 2],
        );
        assert.ok(message.startsWith(error.message));
        return true;
      },
    );
});

test('an unplanned failure is reported to the server and hidden from the client', async (t) => {
  const reported: [unknown, string][] = [];
  const bug = new TypeError('x is undefined');
  const { endpoint } = await serveVerifier(
    t,
    () => {
      throw bug;
    },
    { onUnexpected: (error, method) => reported.push([error, method]) },
  );
  const client = new VerifierClient(endpoint, poolFor(t));
  await assert.rejects(collect(client.generate(GENERATE_REQUEST, CALL)), (error: AppError) => {
    return error.code === 'internal' && !error.message.includes('undefined');
  });
  assert.deepEqual(reported, [[bug, '/outrider.v1.VerifierService/Generate']]);
});

test('an invalid request is refused with the field, and the handler is never called', async (t) => {
  const { endpoint } = await serveVerifier(t, async function* () {
    yield await assert.fail('called');
  });
  const client = new VerifierClient(endpoint, poolFor(t));
  const request = { ...GENERATE_REQUEST, draftEndpoints: ['nowhere'] };
  const expected = { code: 'invalid_argument', field: 'draft_endpoints' };
  await assert.rejects(collect(client.generate(request, CALL)), expected);
});

test('cancelling a call aborts the handler', async (t) => {
  const started = deferred<CallContext>();
  const { endpoint } = await serveVerifier(t, async function* (_, context) {
    started.resolve(context);
    yield responseOf([1]);
    await aborted(context.signal);
  });
  const client = new VerifierClient(endpoint, poolFor(t));
  const controller = new AbortController();
  const calling = collect(client.generate(GENERATE_REQUEST, { signal: controller.signal }));
  const { signal } = await started.promise;
  controller.abort();
  await assert.rejects(calling, { code: 'cancelled' });
  assert.equal(((await aborted(signal)) as AppError).code, 'cancelled');
});

test('leaving the loop cancels the call', async (t) => {
  const ended = deferred<unknown>();
  const { endpoint } = await serveVerifier(t, async function* (_, context) {
    for (let i = 0; !context.signal.aborted; i++) yield responseOf([i]);
    ended.resolve(context.signal.reason);
  });
  const client = new VerifierClient(endpoint, poolFor(t));
  for await (const response of client.generate(GENERATE_REQUEST, CALL)) if (response.tokens[0] === 3) break;
  assert.equal(((await ended.promise) as AppError).code, 'cancelled');
});

test('a deadline ends the call on both sides', async (t) => {
  const ended = deferred<unknown>();
  const { endpoint } = await serveVerifier(t, async function* (_, context) {
    yield responseOf([1]);
    ended.resolve(await aborted(context.signal));
  });
  const client = new VerifierClient(endpoint, poolFor(t));
  const calling = collect(client.generate(GENERATE_REQUEST, { ...CALL, deadlineMs: 50 }));
  await assert.rejects(calling, { code: 'deadline_exceeded' });
  assert.match(((await ended.promise) as AppError).code, /deadline_exceeded|cancelled/);
});

test('a slow reader holds the handler back: what is buffered for it stays bounded', async (t) => {
  const total = 4_000;
  const filler = new Array<number>(256).fill(0xffffffff);
  let produced = 0;
  const { endpoint } = await serveVerifier(t, async function* () {
    for (; produced < total; produced++) yield responseOf(filler);
  });
  const responses = new VerifierClient(endpoint, poolFor(t)).generate(GENERATE_REQUEST, CALL);
  await responses.next();
  let before = -1;
  while (before !== produced) {
    before = produced;
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  assert.ok(produced < total / 2, `${produced} of ${total} messages were produced for a reader that stopped`);
  const rest = await collect(responses);
  assert.equal(rest.length, total - 1);
});

test('an address in use is a failed precondition that names it', async (t) => {
  const { server } = await serveVerifier(t, async function* () {});
  const again = startServer({ host: '127.0.0.1', port: server.port, services: [] });
  await assert.rejects(again, {
    code: 'failed_precondition',
    message: new RegExp(`127.0.0.1:${server.port}`),
  });
});
