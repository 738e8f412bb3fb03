import assert from 'node:assert/strict';
import { test } from 'node:test';
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
import { ResetBudget } from './reset-budget.js';
import { VerifierClient } from './verifier-client.js';

test('an abort storm on an endpoint leaves the calls beside it alone', async (t) => {
  const finish = deferred();
  const { endpoint } = await serveVerifier(t, async function* ({ maxTokens }, { signal }) {
    yield responseOf([1]);
    await (maxTokens === 1 ? finish.promise : aborted(signal));
    yield responseOf([2]);
  });
  const client = new VerifierClient(endpoint, poolFor(t));
  const bystander = collect(client.generate({ ...GENERATE_REQUEST, maxTokens: 1 }, { signal: idleSignal() }));
  const abandon = async () => {
    for await (const _ of client.generate(GENERATE_REQUEST, { signal: idleSignal() })) break;
  };
  for (let i = 0; i < 50; i++) await Promise.all(Array.from({ length: 50 }, abandon));
  finish.resolve();
  assert.equal((await bystander).length, 2);
});

test('leaving after the last message lets the call end by itself', async (t) => {
  const ended = deferred<boolean>();
  const { endpoint } = await serveVerifier(t, async function* (_, { signal }) {
    yield { ...responseOf([1]), finishReason: 'stop' };
    await new Promise((resolve) => setTimeout(resolve, 20));
    ended.resolve(signal.aborted);
  });
  const client = new VerifierClient(endpoint, poolFor(t));
  for await (const response of client.generate(GENERATE_REQUEST, { signal: idleSignal() }))
    if (response.finishReason !== undefined) break;
  assert.equal(await ended.promise, false);
});

test('the budget of resets refills with time', () => {
  let ms = 0;
  const budget = new ResetBudget(() => ms);
  for (let i = 0; i < 500; i++) assert.equal(budget.spend(), true);
  assert.equal(budget.spend(), false);
  ms = 1_000;
  for (let i = 0; i < 19; i++) assert.equal(budget.spend(), true);
  assert.equal(budget.spend(), false);
});
