import assert from 'node:assert/strict';
import { test } from 'node:test';
import { AppError } from '#libs/errors/index.js';
import { deferred, idleSignal, serveDraft } from '../testing.js';
import { Draft, PLAN, sequence, setUp, tokensOf } from './remote-proposer-testing.js';

const SIGNAL = idleSignal();
const DEAD = '127.0.0.1:1';

test('only new tokens are sent, after the first round', async (t) => {
  const draft = new Draft();
  const { endpoint } = await serveDraft(t, draft.propose);
  const { proposer } = setUp(t, [endpoint]);
  assert.deepEqual(await tokensOf(proposer.propose(sequence(1, 2, 3), PLAN, SIGNAL)), [3]);
  assert.deepEqual(await tokensOf(proposer.propose(sequence(1, 2, 3, 4, 5), PLAN, SIGNAL)), [5]);
  const sent = draft.requests.map(({ prefixLength, tokens }) => [prefixLength, tokens]);
  assert.deepEqual(sent, [
    [0, [1, 2, 3]],
    [3, [4, 5]],
  ]);
});

test('tokens that were not settled are sent again, since they may be others now', async (t) => {
  const draft = new Draft();
  const { endpoint } = await serveDraft(t, draft.propose);
  const { proposer } = setUp(t, [endpoint]);
  await proposer.propose({ ...sequence(1, 2, 3), settledLength: 1 }, PLAN, SIGNAL);
  await proposer.propose({ ...sequence(1, 9, 4, 5), settledLength: 3 }, PLAN, SIGNAL);
  await proposer.propose({ ...sequence(1, 9, 4), settledLength: 3 }, PLAN, SIGNAL);
  const sent = draft.requests.map(({ prefixLength, tokens }) => [prefixLength, tokens]);
  assert.deepEqual(sent, [
    [0, [1, 2, 3]],
    [1, [9, 4, 5]],
    [3, []],
  ]);
});

test('after session_lost everything is sent again, once, within the same round', async (t) => {
  const draft = new Draft();
  const { endpoint } = await serveDraft(t, draft.propose);
  const { proposer } = setUp(t, [endpoint]);
  await proposer.propose(sequence(1, 2), PLAN, SIGNAL);
  draft.held = 0;
  assert.deepEqual(await tokensOf(proposer.propose(sequence(1, 2, 3), PLAN, SIGNAL)), [3]);
  assert.deepEqual(draft.requests.at(-1)?.tokens, [1, 2, 3]);
  assert.deepEqual(await tokensOf(proposer.propose(sequence(1, 2, 3, 4), PLAN, SIGNAL)), [4]);
  assert.equal(draft.requests.length, 4);
});

test('a draft that always loses the session fails the round instead of looping', async (t) => {
  const { endpoint } = await serveDraft(t, async function* (requests) {
    for await (const { round } of requests) yield { round, outcome: 'session_lost' };
  });
  const { proposer } = setUp(t, [endpoint]);
  await assert.rejects(proposer.propose(sequence(1), PLAN, SIGNAL), { code: 'session_lost' });
});

test('after a failure the next round asks the second draft, with everything', async (t) => {
  const second = new Draft();
  const first = await serveDraft(t, async function* (requests) {
    for await (const request of requests) {
      if (request.maxTokens > 0) throw new AppError('internal', 'broken');
      yield { round: request.round, outcome: 'session_lost' };
    }
  });
  const { endpoint } = await serveDraft(t, second.propose);
  const { proposer } = setUp(t, [first.endpoint, endpoint]);
  await assert.rejects(proposer.propose(sequence(1, 2), PLAN, SIGNAL), { code: 'internal' });
  assert.deepEqual(await tokensOf(proposer.propose(sequence(1, 2, 3), PLAN, SIGNAL)), [3]);
  assert.equal(proposer.endpoint, endpoint);
  assert.equal(second.requests[0]?.prefixLength, 0);
});

test('a draft that dies between two rounds costs none of them', async (t) => {
  const draft = new Draft();
  const second = new Draft();
  const first = await serveDraft(t, draft.propose);
  const { endpoint } = await serveDraft(t, second.propose);
  const { proposer } = setUp(t, [first.endpoint, endpoint]);
  await proposer.propose(sequence(1, 2), PLAN, SIGNAL);
  await first.server.close();
  assert.deepEqual(await tokensOf(proposer.propose(sequence(1, 2, 3), PLAN, SIGNAL)), [3]);
});

test('a draft that drains hands its session to the next one within the round', async (t) => {
  const [asked, second] = [deferred(), new Draft()];
  const first = await serveDraft(t, async function* (requests) {
    for await (const { round } of requests) {
      if (round > 0) asked.resolve();
      await new Promise(() => {});
      yield { round, outcome: 'session_lost' };
    }
  });
  const { endpoint } = await serveDraft(t, second.propose);
  const { proposer } = setUp(t, [first.endpoint, endpoint]);
  const proposed = proposer.propose(sequence(1, 2, 3), PLAN, SIGNAL);
  await asked.promise;
  await first.server.drain(0);
  assert.deepEqual(await tokensOf(proposed), [3]);
  assert.equal(proposer.endpoint, endpoint);
});

test('a dead endpoint fails with unavailable and is left alone during its cool-down', async (t) => {
  const { proposer, clock } = setUp(t, [DEAD]);
  await assert.rejects(proposer.propose(sequence(1), PLAN, SIGNAL), {
    code: 'unavailable',
    message: /No connection/,
  });
  await assert.rejects(proposer.propose(sequence(1), PLAN, SIGNAL), {
    code: 'unavailable',
    message: /a moment ago/,
  });
  clock.ms = 1_000;
  await assert.rejects(proposer.propose(sequence(1), PLAN, SIGNAL), {
    code: 'unavailable',
    message: /No connection/,
  });
});

test('without any draft each round is refused at once', async (t) => {
  const { proposer } = setUp(t, []);
  await assert.rejects(proposer.propose(sequence(1), PLAN, SIGNAL), { code: 'unavailable' });
});
