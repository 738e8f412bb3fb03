// Limits: who is refused, what the answer says, and that a place is given back however a request ends.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { AppError } from '#libs/errors/index.js';
import { NO_LIMITS, type RequestLimitSettings } from '#services/gateway/limits/limit-settings.js';
import { type GatewayUnderTest, gatewayUnderTest } from '../support/gateway-harness.js';
import { until } from '../support/until.js';

const ALICE = 'sk-alice-0123456789';
const BOB = 'sk-bob-0123456789';
const APP = { apiKeys: [`alice:${ALICE}`, `bob:${BOB}`] };
const CHAT = { model: 'tiny', messages: [{ role: 'user' as const, content: 'Hello' }] };

const limits = (some: Partial<RequestLimitSettings>): RequestLimitSettings => ({
  ...NO_LIMITS,
  ...some,
});

function ask({ url }: GatewayUnderTest, key: string, body: object = {}, signal?: AbortSignal) {
  return fetch(`${url}/v1/chat/completions`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', authorization: `Bearer ${key}` },
    body: JSON.stringify({ ...CHAT, ...body }),
    ...(signal && { signal }),
  });
}

/** A stream that waits on the verifier until it is left. */
async function occupy(under: GatewayUnderTest, key: string): Promise<AbortController> {
  under.verifiers[0]!.mishaps.push({ kind: 'stall', afterRounds: 1 });
  const leave = new AbortController();
  const response = await ask(under, key, { stream: true }, leave.signal);
  assert.equal(response.status, 200);
  return leave;
}

test("one tenant's limit is a 429 for that tenant alone, and a client that leaves makes room", async (t) => {
  const under = await gatewayUnderTest(t, { ...APP, limits: limits({ maxRequestsPerKey: 1 }) });
  const leave = await occupy(under, ALICE);
  const refused = await ask(under, ALICE);
  assert.equal(refused.status, 429);
  assert.equal(refused.headers.get('retry-after'), '1');
  assert.equal(refused.headers.get('x-ratelimit-limit-requests'), '1');
  assert.equal(refused.headers.get('x-ratelimit-remaining-requests'), '0');
  const { error } = (await refused.json()) as { error: Record<string, unknown> };
  assert.deepEqual([error.code, error.type], ['rate_limit_exceeded', 'rate_limit_error']);
  const other = await ask(under, BOB, { max_tokens: 1 });
  assert.equal(other.status, 200);
  assert.equal(other.headers.get('x-ratelimit-remaining-requests'), '0');
  await other.text();
  leave.abort();
  await until('there is room again', async () => (await ask(under, ALICE, { max_tokens: 1 })).status === 200);
  assert.match(await under.metrics.render(), /requests_refused_total\{reason="tenant_limit"\} [1-9]/);
});

test('the limit of all together is a 503 with Retry-After, over gRPC and HTTP alike', async (t) => {
  const under = await gatewayUnderTest(t, { ...APP, limits: limits({ maxRequests: 1 }) });
  const leave = await occupy(under, ALICE);
  const refused = await ask(under, BOB);
  assert.equal(refused.status, 503);
  assert.equal(refused.headers.get('retry-after'), '1');
  assert.equal(refused.headers.get('x-ratelimit-limit-requests'), null);
  assert.equal(((await refused.json()) as { error: { code: string } }).error.code, 'unavailable');
  leave.abort();
  await until('there is room again', async () => (await ask(under, BOB, { max_tokens: 1 })).status === 200);
});

test('a place is given back by every kind of end', async (t) => {
  const under = await gatewayUnderTest(t, { ...APP, limits: limits({ maxRequestsPerKey: 1 }) });
  const { mishaps } = under.verifiers[0]!;
  const failing = () => {
    const error = new AppError('invalid_argument', 'no');
    mishaps.push({ kind: 'fail', afterRounds: 1, error });
  };
  const ends: Record<string, [expected: number, body: object, before?: () => void]> = {
    'a whole answer': [200, {}],
    'a stream': [200, { stream: true }],
    'a stop string': [200, { stop: 'upon' }],
    'a prompt beyond the context': [400, { messages: [{ role: 'user', content: 'x'.repeat(600) }] }],
    'a token out of the vocabulary': [400, { stop_token_ids: [99_999] }],
    'a verifier that refuses': [400, {}, failing],
    'a verifier that refuses mid-stream': [200, { stream: true }, failing],
  };
  for (const [name, [expected, body, before]] of Object.entries(ends)) {
    before?.();
    const response = await ask(under, ALICE, body);
    assert.equal(response.status, expected, name);
    await response.text();
  }
});

test('the rate of a tenant is told with every answer, streams included, and kept', async (t) => {
  const under = await gatewayUnderTest(t, { ...APP, limits: limits({ requestsPerMinute: 2 }) });
  for (const [remaining, stream] of [
    ['1', false],
    ['0', true],
  ]) {
    const { status, headers } = await ask(under, ALICE, { stream, max_tokens: 1 });
    assert.equal(status, 200);
    assert.equal(headers.get('x-ratelimit-limit-requests'), '2');
    assert.equal(headers.get('x-ratelimit-remaining-requests'), remaining);
    assert.match(headers.get('x-ratelimit-reset-requests')!, /^\d+s$/);
  }
  const refused = await ask(under, ALICE);
  assert.equal(refused.status, 429);
  assert.ok(Number(refused.headers.get('retry-after')) >= 1);
  assert.equal((await ask(under, BOB, { max_tokens: 1 })).status, 200);
});
