import assert from 'node:assert/strict';
import { test } from 'node:test';
import { AppError } from '#libs/errors/index.js';
import { deferred, idleSignal, serveDraft } from '../testing.js';
import { Draft, PLAN, sequence, setUp, tokensOf } from './remote-proposer-testing.js';

const SIGNAL = idleSignal();

test('a slow draft is not asked again until it has answered, then goes on with its prefix', async (t) => {
  const draft = new Draft();
  const slow = deferred();
  const answered = deferred();
  const { endpoint } = await serveDraft(t, async function* (requests) {
    for await (const request of requests) {
      if (request.round === 1) await slow.promise;
      yield await draft.answer(request);
      answered.resolve();
    }
  });
  const { proposer } = setUp(t, [endpoint], { proposalTimeoutMs: 30 });
  await assert.rejects(proposer.propose(sequence(1, 2), PLAN, SIGNAL), { code: 'deadline_exceeded' });
  await assert.rejects(proposer.propose(sequence(1, 2, 3), PLAN, SIGNAL), {
    code: 'unavailable',
    message: /busy/,
  });
  slow.resolve();
  await answered.promise;
  let tokens: number[] | undefined;
  while (tokens === undefined) {
    await new Promise(setImmediate);
    tokens = await tokensOf(proposer.propose(sequence(1, 2, 3), PLAN, SIGNAL)).catch(() => undefined);
  }
  assert.deepEqual(tokens, [3]);
  assert.equal(draft.requests.at(-1)?.prefixLength, 2);
});

test('a draft that hangs is left for the next one', async (t) => {
  const second = new Draft();
  const hung = await serveDraft(t, async function* (requests) {
    for await (const request of requests) if (request.round > 99) yield await second.answer(request);
  });
  const { endpoint } = await serveDraft(t, second.propose);
  const { proposer, clock } = setUp(t, [hung.endpoint, endpoint], {
    proposalTimeoutMs: 30,
    hungAfterMs: 300,
  });
  await assert.rejects(proposer.propose(sequence(1), PLAN, SIGNAL), { code: 'deadline_exceeded' });
  clock.ms = 301;
  await assert.rejects(proposer.propose(sequence(1), PLAN, SIGNAL), { code: 'unavailable', message: /busy/ });
  assert.deepEqual(await tokensOf(proposer.propose(sequence(1), PLAN, SIGNAL)), [1]);
});

test('a proposal that makes no sense counts as a failure of its draft', async (t) => {
  const draft = new Draft();
  const { endpoint } = await serveDraft(t, draft.propose);
  const nonsense = new AppError('invalid_argument', 'q sums to 3.');
  const { proposer } = setUp(t, [endpoint], {
    validate: () => {
      throw nonsense;
    },
  });
  await assert.rejects(proposer.propose(sequence(1), PLAN, SIGNAL), nonsense);
  await assert.rejects(proposer.propose(sequence(1), PLAN, SIGNAL), { code: 'unavailable' });
});

test('a cancelled generation says so and does not blame the draft', async (t) => {
  const draft = new Draft();
  const { endpoint } = await serveDraft(t, draft.propose);
  const { proposer } = setUp(t, [endpoint]);
  await assert.rejects(proposer.propose(sequence(1), PLAN, AbortSignal.abort()), { code: 'cancelled' });
  assert.deepEqual(await tokensOf(proposer.propose(sequence(1), PLAN, SIGNAL)), [1]);
});
