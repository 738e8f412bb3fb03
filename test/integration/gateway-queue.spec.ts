// The gateway's queue: who waits, who is refused at once, what ends a wait, and what travels on to the verifier.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { AppError } from '#libs/errors/index.js';
import { NO_LIMITS, type RequestLimitSettings } from '#services/gateway/limits/limit-settings.js';
import { type GatewayUnderTest, gatewayUnderTest } from '../support/gateway-harness.js';
import { type JsonAnswer, postJson } from '../support/post-json.js';
import { until } from '../support/until.js';

const ALICE = 'sk-alice-0123456789';
const BOB = 'sk-bob-0123456789';
const KEYS = [`alice:${ALICE}`, `bob:${BOB}`];
const PROMPT = { model: 'tiny', prompt: 'Hello', max_tokens: 4 };

const limits = (some: Partial<RequestLimitSettings>): RequestLimitSettings => ({ ...NO_LIMITS, ...some });

function ask({ url }: GatewayUnderTest, body: object = {}, key = ALICE): Promise<JsonAnswer> {
  return postJson(`${url}/v1/completions`, { ...PROMPT, ...body }, { authorization: `Bearer ${key}` });
}

/** A stream that waits on the verifier until it is left. */
async function occupy({ url, verifiers }: GatewayUnderTest): Promise<AbortController> {
  verifiers[0]!.mishaps.push({ kind: 'stall', afterRounds: 1 });
  const leave = new AbortController();
  const response = await fetch(`${url}/v1/completions`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', authorization: `Bearer ${ALICE}` },
    body: JSON.stringify({ ...PROMPT, max_tokens: 20, stream: true }),
    signal: leave.signal,
  });
  assert.equal(response.status, 200);
  return leave;
}

const waits = ({ metrics }: GatewayUnderTest, choices: number) =>
  until(`${choices} wait`, async () => (await metrics.requestsWaiting.get()).values[0]!.value === choices);

test('who finds no place waits for one, and beyond the queue is refused at once', async (t) => {
  const under = await gatewayUnderTest(t, { apiKeys: KEYS, limits: limits({ maxRequests: 1, maxQueue: 1 }) });
  const leave = await occupy(under);
  const waiting = ask(under);
  await waits(under, 1);
  const refused = await ask(under, {}, BOB);
  assert.deepEqual([refused.status, refused.body.error.code], [503, 'unavailable']);
  assert.equal(refused.headers.get('retry-after'), '1');
  leave.abort();
  const answer = await waiting;
  assert.equal(answer.status, 200);
  assert.ok(answer.body.metrics.queue_time_ms > 0);
  await waits(under, 0);
  const text = await under.metrics.render();
  assert.match(text, /requests_refused_total\{reason="overloaded"\} 1/);
  assert.match(text, /request_queue_time_seconds_count 2/);
});

test('a client that leaves the queue frees its place there', async (t) => {
  const under = await gatewayUnderTest(t, { apiKeys: KEYS, limits: limits({ maxRequests: 1, maxQueue: 1 }) });
  const leave = await occupy(under);
  const impatient = new AbortController();
  const gone = fetch(`${under.url}/v1/completions`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', authorization: `Bearer ${BOB}` },
    body: JSON.stringify(PROMPT),
    signal: impatient.signal,
  });
  await waits(under, 1);
  impatient.abort();
  await assert.rejects(gone);
  await waits(under, 0);
  const next = ask(under, {}, BOB);
  await waits(under, 1);
  leave.abort();
  assert.equal((await next).status, 200);
});

test("a request's timeout ends its wait, and its answer, with a clear error", async (t) => {
  const under = await gatewayUnderTest(t, { apiKeys: KEYS, limits: limits({ maxRequests: 1, maxQueue: 9 }) });
  const leave = await occupy(under);
  const late = await ask(under, { timeout: 0.05 });
  assert.deepEqual([late.status, late.body.error.code], [504, 'deadline_exceeded']);
  assert.match(late.body.error.message, /timeout of 0\.05 s passed while it waited/);
  leave.abort();
  under.verifiers[0]!.mishaps.push({ kind: 'stall', afterRounds: 1 });
  const cut = await ask(under, { timeout: 1 });
  assert.deepEqual([cut.status, cut.body.error.param], [504, 'timeout']);
  assert.match(cut.body.error.message, /before the answer was complete/);
  // The verifier knew of it.
  assert.equal(typeof under.verifiers[0]!.deadlines.at(-1), 'number');
  assert.equal((await ask(under)).status, 200);
  assert.equal(under.verifiers[0]!.deadlines.at(-1), undefined);
  assert.match(await under.metrics.render(), /requests_refused_total\{reason="deadline"\} 1/);
});

test('the more urgent goes first; how urgent a key may be is bounded; verifiers are told', async (t) => {
  const bestPriorities = new Map([['bob', -5]]);
  const under = await gatewayUnderTest(t, {
    apiKeys: KEYS,
    limits: limits({ maxRequests: 1, maxQueue: 9, bestPriorities }),
  });
  const leave = await occupy(under);
  const order: string[] = [];
  const named = async (name: string, body: object, key: string) => {
    assert.equal((await ask(under, body, key)).status, 200);
    order.push(name);
  };
  const patient = named('patient', { priority: 50 }, ALICE);
  await waits(under, 1);
  const urgent = named('urgent', { priority: -5 }, BOB);
  await waits(under, 2);
  const refused = await ask(under, { priority: -1 }, ALICE);
  assert.deepEqual([refused.status, refused.body.error.param], [400, 'priority']);
  leave.abort();
  await Promise.all([patient, urgent]);
  assert.deepEqual(order, ['urgent', 'patient']);
  const [, ofUrgent, ofPatient] = under.verifiers[0]!.requests;
  assert.deepEqual([ofUrgent!.priority, ofPatient!.priority], [-5, 50]);
  assert.match(ofUrgent!.tenant!, /^[0-9a-f]{40}$/);
  assert.notEqual(ofUrgent!.tenant, ofPatient!.tenant);
  assert.notEqual(ofUrgent!.tenant, ofUrgent!.cacheSalt);
});

test('all choices and prompts of a request count, and get their places together', async (t) => {
  const under = await gatewayUnderTest(t, {
    apiKeys: KEYS,
    limits: limits({ maxRequests: 4, maxQueue: 99 }),
  });
  const body = { prompt: ['a', 'b', 'c'], n: 1 };
  const answers = await Promise.all([
    ask(under, body),
    ask(under, body),
    ask(under, { n: 2 }),
    ask(under, body),
  ]);
  assert.deepEqual(
    answers.map(({ status }) => status),
    [200, 200, 200, 200],
  );
  const refused = await ask(under, { n: 5 });
  assert.deepEqual([refused.status, refused.body.error.param], [400, 'n']);
});

test("a tenant's tokens under way are bounded, and told", async (t) => {
  const under = await gatewayUnderTest(t, { apiKeys: KEYS, limits: limits({ maxTokensPerKey: 100 }) });
  const leave = await occupy(under);
  // 5 of the prompt and 20 that may come.
  const refused = await ask(under, { max_tokens: 34, n: 2 });
  assert.deepEqual([refused.status, refused.body.error.code], [429, 'rate_limit_exceeded']);
  assert.equal(refused.headers.get('retry-after'), '1');
  assert.equal(refused.headers.get('x-ratelimit-limit-tokens'), '100');
  assert.equal(refused.headers.get('x-ratelimit-remaining-tokens'), '75');
  const fits = await ask(under, { max_tokens: 32, n: 2 });
  assert.deepEqual([fits.status, fits.headers.get('x-ratelimit-remaining-tokens')], [200, '1']);
  const never = await ask(under, { max_tokens: 96 });
  assert.deepEqual([never.status, never.body.error.param], [400, 'max_tokens']);
  assert.equal((await ask(under, { max_tokens: 90 }, BOB)).status, 200);
  leave.abort();
});

test('verifiers at their own limits are waited for or passed by, and that is no failure', async (t) => {
  const full = new AppError('resource_exhausted', 'Full.', { retryAfterSeconds: 0.01 });
  const alone = await gatewayUnderTest(t);
  for (let i = 0; i < 5; i++) alone.verifiers[0]!.mishaps.push({ kind: 'fail', afterRounds: 0, error: full });
  const answer = await ask(alone);
  assert.equal(answer.status, 200);
  assert.deepEqual([answer.body.metrics.outrider.failovers, alone.verifiers[0]!.requests.length], [0, 6]);
  const pair = await gatewayUnderTest(t, { numVerifiers: 2 });
  pair.verifiers[0]!.mishaps.push({ kind: 'fail', afterRounds: 0, error: full });
  assert.equal((await ask(pair)).status, 200);
  assert.deepEqual(
    pair.verifiers.map(({ requests }) => requests.length),
    [1, 1],
  );
});

test('verifiers that stay full are a 503 in the end, with the time to come back', async (t) => {
  const full = new AppError('resource_exhausted', 'Full.', { retryAfterSeconds: 0.01 });
  const under = await gatewayUnderTest(t, { limits: limits({ maxQueueMs: 50 }) });
  const { mishaps } = under.verifiers[0]!;
  for (let i = 0; i < 1000; i++) mishaps.push({ kind: 'fail', afterRounds: 0, error: full });
  const refused = await ask(under);
  assert.deepEqual([refused.status, refused.body.error.code], [503, 'unavailable']);
  assert.equal(refused.headers.get('retry-after'), '1');
});
