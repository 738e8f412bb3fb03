// API keys: every route that there is, asked without one; and two tenants who try to meet.
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { type AddressInfo, createServer } from 'node:net';
import { type TestContext, test } from 'node:test';
import OpenAI from 'openai';
import { AppError } from '#libs/errors/index.js';
import { ChannelPool, type GenerateTextRequest, GenerationClient } from '#libs/rpc/index.js';
import type { Mishap } from '../support/fake-verifier.js';
import { type GatewayUnderTestOptions, gatewayUnderTest, STORY } from '../support/gateway-harness.js';

const ALICE = 'sk-alice-0123456789';
const BOB = 'sk-bob-0123456789';
const KEYS = [`alice:${ALICE}`, `bob:${BOB}`];
const CHAT = { model: 'tiny', messages: [{ role: 'user' as const, content: 'Hello' }] };
const STRANGERS: Record<string, string>[] = [
  {},
  { authorization: 'Bearer wrong' },
  { 'x-api-key': `${ALICE}x` },
];
const OPEN = ['/health', '/ready'];

const guarded = (t: TestContext, options: GatewayUnderTestOptions = {}) =>
  gatewayUnderTest(t, { apiKeys: KEYS, ...options });

/** A path that the route matches. */
const visit = (path: string) => path.replace(/:[a-z]+|\*$/gi, 'x');

test('without a key every registered route but the probes is a 401, and so is a path that does not exist', async (t) => {
  const { gateway, url, verifiers } = await guarded(t);
  assert.ok(gateway.routes.some(({ method, path }) => method === 'POST' && path === '/v1/chat/completions'));
  const unknown = [
    { method: 'GET', path: '/v1/nothing' },
    { method: 'OPTIONS', path: '/v1/chat/completions' },
    { method: 'DELETE', path: '/health' },
  ];
  for (const { method, path } of [...gateway.routes, ...unknown]) {
    const isProbe = OPEN.includes(path) && method !== 'DELETE';
    for (const headers of STRANGERS) {
      const response = await fetch(`${url}${visit(path)}`, { method, headers });
      const body = await response.text();
      assert.equal(response.status, isProbe ? 200 : 401, `${method} ${path}`);
      if (isProbe) continue;
      assert.equal(response.headers.get('www-authenticate'), 'Bearer');
      if (method === 'HEAD') continue;
      const { error } = JSON.parse(body);
      // Anthropic's clients know its own shape only.
      const expected = path.startsWith('/v1/messages')
        ? [undefined, 'authentication_error', undefined]
        : ['invalid_api_key', 'invalid_request_error', null];
      assert.deepEqual([error.code, error.type, error.param], expected);
    }
  }
  assert.equal(verifiers[0]!.requests.length, 0);
});

test('URLs that only look like an open route need a key', async (t) => {
  const { url } = await guarded(t);
  for (const path of [
    '/health/x',
    '/health%2f..%2fv1%2fmodels',
    '//health',
    '/HEALTH',
    '/v1/models?x=/health',
  ])
    assert.equal((await fetch(`${url}${path}`)).status, 401, path);
});

test('an unauthenticated body is not read: neither its faults nor its size matter', async (t) => {
  const { url } = await guarded(t);
  for (const body of ['{', 'x'.repeat(60_000), '['.repeat(9_000)]) {
    const headers = { 'content-type': 'application/json' };
    const response = await fetch(`${url}/v1/chat/completions`, { method: 'POST', headers, body });
    assert.equal(response.status, 401);
  }
});

test('either header with a known key is let in, and the refusals of others are counted', async (t) => {
  const { url, client, metrics } = await guarded(t);
  const { choices } = await client.chat.completions.create(CHAT);
  assert.equal(choices[0]!.message.content, STORY);
  assert.equal((await fetch(`${url}/v1/models`, { headers: { 'x-api-key': BOB } })).status, 200);
  assert.equal((await fetch(`${url}/metrics`)).status, 401);
  assert.match(await metrics.render(), /requests_refused_total\{reason="invalid_api_key"\} 1/);
});

test('opened routes need no key; the others still do', async (t) => {
  const { url } = await guarded(t, { openRoutes: ['metrics'] });
  assert.equal((await fetch(`${url}/metrics`)).status, 200);
  assert.equal((await fetch(`${url}/openapi.json`)).status, 401);
  assert.equal((await fetch(`${url}/v1/models`)).status, 401);
});

test('two tenants with the same session id, words and request id never share a session', async (t) => {
  const { url, verifiers } = await guarded(t);
  const ask = (apiKey: string, extra: object, headers: Record<string, string> = {}) =>
    new OpenAI({
      baseURL: `${url}/v1`,
      apiKey,
      maxRetries: 0,
      defaultHeaders: headers,
    }).chat.completions.create({
      ...CHAT,
      ...extra,
    });
  for (const key of [ALICE, ALICE, BOB]) {
    await ask(key, { session_id: 'same' });
    await ask(key, {}, { 'x-session-id': 'same', 'x-request-id': 'same' });
    await ask(key, {});
  }
  const sessions = verifiers[0]!.requests.map(({ sessionId }) => sessionId);
  const of = (turn: number) => new Set(sessions.slice(turn * 3, turn * 3 + 3));
  assert.deepEqual(of(1), of(0));
  assert.ok([...of(2)].every((id) => !of(0).has(id)));
  const salts = verifiers[0]!.requests.map(({ cacheSalt }) => cacheSalt);
  assert.deepEqual([new Set(salts).size, new Set(salts.slice(0, 6)).size], [2, 1]);
  assert.ok(salts.every((salt) => salt !== undefined && salt.length > 30));
  assert.equal(new Set(verifiers[0]!.requests.map(({ requestId }) => requestId)).size, 9);

  // A client sets its own users apart; the same word of another tenant is another salt.
  for (const [key, salt] of [
    [ALICE, 'user 1'],
    [ALICE, 'user 1'],
    [ALICE, 'user 2'],
    [BOB, 'user 1'],
  ] as const)
    await ask(key, { session_id: 'same', cache_salt: salt });
  const salted = verifiers[0]!.requests.slice(9);
  for (const apart of [salted.map(({ cacheSalt }) => cacheSalt), salted.map(({ sessionId }) => sessionId)]) {
    assert.equal(apart[0], apart[1]);
    assert.equal(new Set([...apart, ...salts, ...sessions]).size, 3 + new Set([...salts, ...sessions]).size);
  }
  await assert.rejects(ask(ALICE, { cache_salt: '' }), { status: 400, param: 'cache_salt' });
});

test('a failure in the log names the tenant, and no line of the log holds a key', async (t) => {
  const { client, log } = await guarded(t, { numVerifiers: 0 });
  await assert.rejects(client.chat.completions.create(CHAT), { status: 503 });
  assert.ok(log.some((line) => JSON.parse(line).tenant === 'alice'));
  assert.ok(log.every((line) => !line.includes(ALICE)));
});

test('no line of the log holds a key, right or wrong, or what was said, whatever goes wrong', async (t) => {
  const { url, log, verifiers } = await guarded(t);
  const [wrongKey, said] = ['sk-mallory-0123456789', 'what-was-said-in-confidence'];
  const send = (key: string, body: string, path = '/v1/chat/completions') =>
    fetch(`${url}${path}`, {
      method: 'POST',
      headers: { authorization: `Bearer ${key}`, 'x-api-key': key, 'content-type': 'application/json' },
      body,
    }).then((response) => response.text());
  const chat = JSON.stringify({ ...CHAT, messages: [{ role: 'user', content: said }] });
  const mishaps: Mishap[] = [
    { kind: 'fail', afterRounds: 1, error: new AppError('internal', 'oops') },
    { kind: 'send', afterRounds: 0, tokens: [70_000] },
    ...Array.from({ length: 3 }, (): Mishap => ({ kind: 'end', afterRounds: 0 })),
  ];
  verifiers[0]!.mishaps.push(...mishaps);
  for (let i = 0; i < mishaps.length; i++) await send(ALICE, chat);
  await send(ALICE, chat.slice(1));
  await send(ALICE, JSON.stringify({ model: said, prompt: said, max_tokens: said }), '/v1/completions');
  await send(ALICE, JSON.stringify({ model: 'tiny', input: said, stream: true }), '/v1/responses');
  await send(ALICE, chat, `/v1/${said}?key=${ALICE}`);
  await send(wrongKey, chat);
  assert.ok(log.length > 0);
  // Nor their tokens, a byte each.
  const secrets = [ALICE, wrongKey, said, [...said].map((c) => c.charCodeAt(0)).join()];
  for (const secret of secrets)
    assert.deepEqual(
      log.filter((line) => line.includes(secret)),
      [],
      secret,
    );
});

test('names of models, sessions and salts that are paths or addresses lead nowhere', async (t) => {
  const { url, client, log } = await guarded(t);
  let dialled = 0;
  const trap = createServer(() => dialled++).listen(0, '127.0.0.1');
  await once(trap, 'listening');
  t.after(() => trap.close());
  const { port } = trap.address() as AddressInfo;
  const address = `http://127.0.0.1:${port}/v1`;
  for (const name of [
    address,
    `127.0.0.1:${port}`,
    '../../../etc/passwd',
    '/etc/passwd',
    'file:///etc/passwd',
    'tiny/../tiny',
  ]) {
    await assert.rejects(client.chat.completions.create({ ...CHAT, model: name }), { status: 404 }, name);
    const named = {
      session_id: name,
      cache_salt: name,
      user: name,
      base_url: address,
      draft_endpoints: [name],
    };
    await client.chat.completions.create({ ...CHAT, ...named });
    const response = await fetch(`${url}/v1/models/${encodeURIComponent(name)}`, {
      headers: { authorization: `Bearer ${ALICE}` },
    });
    assert.equal(response.status, 404, name);
    assert.doesNotMatch(await response.text(), /root:/);
  }
  const image = { type: 'image_url' as const, image_url: { url: `${address}/x.png` } };
  const withImage = [{ role: 'user' as const, content: [image] }];
  await assert.rejects(client.chat.completions.create({ model: 'tiny', messages: withImage }), {
    status: 400,
  });
  assert.equal(dialled, 0);
  assert.deepEqual(
    log.filter((line) => /"level":"(error|fatal)"/.test(line)),
    [],
  );
});

test('over gRPC the key travels as metadata', async (t) => {
  const { gateway } = await guarded(t);
  const pool = new ChannelPool();
  t.after(() => pool.close());
  const client = new GenerationClient(`127.0.0.1:${gateway.grpcPort}`, pool);
  const request: GenerateTextRequest = {
    model: '',
    input: { prompt: 'Say' },
    sampling: { temperature: 0, topK: 0, topP: 1 },
    maxTokens: 3,
    stop: [],
    speculation: { enabled: true, numSpeculativeTokens: 0, method: '' },
    sessionId: '',
  };
  const ask = async (metadata: Record<string, string>) => {
    let text = '';
    for await (const chunk of client.generate(request, { signal: t.signal, metadata })) text += chunk.text;
    return text;
  };
  await assert.rejects(ask({}), { code: 'invalid_api_key' });
  await assert.rejects(ask({ authorization: 'Bearer wrong' }), { code: 'invalid_api_key' });
  assert.equal(await ask({ authorization: `Bearer ${ALICE}` }), STORY.slice(0, 3));
  assert.equal(await ask({ 'x-api-key': BOB }), STORY.slice(0, 3));
});
