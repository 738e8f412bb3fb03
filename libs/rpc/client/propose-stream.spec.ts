import assert from 'node:assert/strict';
import { test } from 'node:test';
import { AppError } from '#libs/errors/index.js';
import type { ProposeRequest, ProposeResponse } from '../messages.js';
import {
  certain,
  deferred,
  idleSignal,
  MODEL_INFO,
  poolFor,
  proposeRequest,
  serveDraft,
} from '../testing.js';
import { DraftClient } from './draft-client.js';

const SIGNAL = idleSignal();

function answer(request: ProposeRequest): ProposeResponse {
  return { round: request.round, outcome: 'proposal', proposal: certain(...request.tokens), computeMs: 1 };
}

test('a request and a response a round, on one stream', async (t) => {
  let streams = 0;
  const { endpoint } = await serveDraft(t, async function* (requests) {
    streams++;
    for await (const request of requests) yield answer(request);
  });
  const stream = await new DraftClient(endpoint, poolFor(t)).openStream(SIGNAL);
  for (let round = 1; round <= 5; round++) {
    const response = await stream.propose(proposeRequest(round, [round, 7]), SIGNAL, 5_000);
    assert.deepEqual(response, answer(proposeRequest(round, [round, 7])));
  }
  stream.close();
  assert.equal(streams, 1);
  await assert.rejects(stream.propose(proposeRequest(9), SIGNAL), { code: 'cancelled' });
});

test('close ends the stream cleanly: the draft sees the end of requests, no cancellation', async (t) => {
  const ended = deferred<boolean>();
  const { endpoint } = await serveDraft(t, async function* (requests, { signal }) {
    for await (const request of requests) yield answer(request);
    ended.resolve(signal.aborted);
  });
  const stream = await new DraftClient(endpoint, poolFor(t)).openStream(SIGNAL);
  await stream.propose(proposeRequest(1), SIGNAL);
  stream.close();
  assert.equal(await ended.promise, false);
});

test('a round that took too long is given up, its late answer dropped, and the stream goes on', async (t) => {
  const slow = deferred();
  const { endpoint } = await serveDraft(t, async function* (requests) {
    for await (const request of requests) {
      if (request.round === 1) await slow.promise;
      yield answer(request);
    }
  });
  const stream = await new DraftClient(endpoint, poolFor(t)).openStream(SIGNAL);
  await assert.rejects(stream.propose(proposeRequest(1), SIGNAL, 20), { code: 'deadline_exceeded' });
  assert.equal(stream.unanswered, 1);
  const second = stream.propose(proposeRequest(2, [9]), SIGNAL);
  slow.resolve();
  assert.deepEqual(await second, answer(proposeRequest(2, [9])));
  assert.equal(stream.unanswered, 0);
  stream.close();
});

test('the caller may give up a round through its signal', async (t) => {
  const { endpoint } = await serveDraft(t, async function* (requests) {
    for await (const request of requests) if (request.round > 1) yield answer(request);
  });
  const stream = await new DraftClient(endpoint, poolFor(t)).openStream(SIGNAL);
  const controller = new AbortController();
  const first = stream.propose(proposeRequest(1), controller.signal);
  controller.abort();
  await assert.rejects(first, { code: 'cancelled' });
  await assert.rejects(stream.propose(proposeRequest(2), controller.signal), { code: 'cancelled' });
  assert.equal((await stream.propose(proposeRequest(3), SIGNAL)).round, 3);
  stream.close();
});

test('a stream that breaks in the middle of a round rejects it and stays broken', async (t) => {
  const { server, endpoint } = await serveDraft(t, async function* (requests) {
    for await (const request of requests) {
      if (request.round === 2) void server.close();
      else yield answer(request);
    }
  });
  const stream = await new DraftClient(endpoint, poolFor(t)).openStream(SIGNAL);
  await stream.propose(proposeRequest(1), SIGNAL);
  await assert.rejects(stream.propose(proposeRequest(2), SIGNAL), { code: 'draining' });
  assert.equal(stream.broken?.code, 'draining');
  await assert.rejects(stream.propose(proposeRequest(3), SIGNAL), { code: 'draining' });
});

test("the draft's own error rejects the round with its code", async (t) => {
  const { endpoint } = await serveDraft(t, async function* (requests) {
    for await (const request of requests) {
      if (request.round > 1) yield answer(request);
      throw new AppError('resource_exhausted', `No slot for ${request.sessionId}.`, { retryAfterSeconds: 1 });
    }
  });
  const stream = await new DraftClient(endpoint, poolFor(t)).openStream(SIGNAL);
  const expected = { code: 'resource_exhausted', message: 'No slot for s-1.', retryAfterSeconds: 1 };
  await assert.rejects(stream.propose(proposeRequest(1), SIGNAL), expected);
});

test('a draft that ends the stream by itself breaks it', async (t) => {
  const { endpoint } = await serveDraft(t, async function* () {});
  const stream = await new DraftClient(endpoint, poolFor(t)).openStream(SIGNAL);
  await assert.rejects(stream.propose(proposeRequest(1), SIGNAL), { code: 'unavailable' });
});

test('a draft that never answers is given up before much is buffered for it', async (t) => {
  const { endpoint } = await serveDraft(t, async function* (_, { signal }) {
    yield* await new Promise<ProposeResponse[]>((resolve) => {
      signal.addEventListener('abort', () => resolve([]));
    });
  });
  const stream = await new DraftClient(endpoint, poolFor(t)).openStream(SIGNAL);
  for (let round = 1; round <= 16; round++)
    await assert.rejects(stream.propose(proposeRequest(round), SIGNAL, 1), { code: 'deadline_exceeded' });
  await assert.rejects(stream.propose(proposeRequest(17), SIGNAL, 1), {
    code: 'internal',
    message: /unanswered/,
  });
});

test('model info travels', async (t) => {
  const { endpoint } = await serveDraft(t, async function* () {});
  assert.deepEqual(await new DraftClient(endpoint, poolFor(t)).modelInfo(SIGNAL), MODEL_INFO);
});
