// Every refusal has OpenAI's body, the right status, and names the field at fault.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { gatewayUnderTest } from '../support/gateway-harness.js';

const CHAT = { model: 'tiny', messages: [{ role: 'user' as const, content: 'Hello' }] };

interface Answer {
  readonly status: number;
  readonly headers: Headers;
  readonly error: { message: string; type: string; param: string | null; code: string };
}

async function post(url: string, body: unknown, headers: Record<string, string> = {}): Promise<Answer> {
  const response = await fetch(url, {
    method: 'POST',
    headers: { 'content-type': 'application/json', ...headers },
    body: typeof body === 'string' ? body : JSON.stringify(body),
  });
  const { error } = (await response.json()) as Pick<Answer, 'error'>;
  return { status: response.status, headers: response.headers, error };
}

const WRONG_FIELDS: readonly (readonly [param: string | null, body: unknown])[] = [
  ['model', { messages: CHAT.messages }],
  ['messages', { model: 'tiny' }],
  ['messages', { ...CHAT, messages: [] }],
  ['messages[0].content', { ...CHAT, messages: [{ role: 'user', content: 7 }] }],
  ['messages[0].content', { ...CHAT, messages: [{ role: 'user' }] }],
  ['messages[1].role', { ...CHAT, messages: [...CHAT.messages, { role: 'function', content: 'x' }] }],
  ['messages[1].tool_call_id', { ...CHAT, messages: [...CHAT.messages, { role: 'tool', content: 'x' }] }],
  [
    'messages[0].content[1].type',
    { ...CHAT, messages: [{ role: 'user', content: [{ type: 'text', text: '' }, { type: 'image_url' }] }] },
  ],
  ['temperature', { ...CHAT, temperature: 2.1 }],
  ['temperature', { ...CHAT, temperature: '1' }],
  ['top_p', { ...CHAT, top_p: 0 }],
  ['top_k', { ...CHAT, top_k: -2 }],
  ['seed', { ...CHAT, seed: 1.5 }],
  ['max_tokens', { ...CHAT, max_tokens: 0 }],
  ['stop', { ...CHAT, stop: 5 }],
  ['stop[0]', { ...CHAT, stop: [''] }],
  ['stop', { ...CHAT, stop: Array.from({ length: 17 }, () => 'x') }],
  ['stream_options.include_usage', { ...CHAT, stream_options: { include_usage: 'yes' } }],
  ['speculation.num_speculative_tokens', { ...CHAT, speculation: { num_speculative_tokens: 17 } }],
  ['speculation.method', { ...CHAT, speculation: { method: 'magic' } }],
  ['session_id', { ...CHAT, session_id: 'x'.repeat(513) }],
  ['n', { ...CHAT, n: 17 }],
  ['n', { ...CHAT, n: 0 }],
  ['best_of', { ...CHAT, n: 2, best_of: 3 }],
  ['presence_penalty', { ...CHAT, presence_penalty: 2.5 }],
  ['logit_bias.5', { ...CHAT, logit_bias: { 5: 101 } }],
  ['logit_bias', { ...CHAT, logit_bias: { 999999: 1 } }],
  ['stop_token_ids', { ...CHAT, stop_token_ids: [999_999] }],
  ['allowed_token_ids', { ...CHAT, allowed_token_ids: [999_999] }],
  ['logprobs', { ...CHAT, logprobs: 5 }],
  ['top_logprobs', { ...CHAT, top_logprobs: 2 }],
  ['top_logprobs', { ...CHAT, logprobs: true, top_logprobs: 21 }],
  ['prompt_logprobs', { ...CHAT, prompt_logprobs: -1 }],
  ['prompt_logprobs', { ...CHAT, prompt_logprobs: 1, stream: true }],
  ['echo', { ...CHAT, echo: true }],
  ['tools[0].function', { ...CHAT, tools: [{ type: 'function' }] }],
  ['response_format.type', { ...CHAT, response_format: { type: 'xml' } }],
  [null, [CHAT]],
  [null, 'null'],
  [null, '{"model": "tiny",'],
  [null, `{"model": ${'['.repeat(20_000)}`],
  [null, '['.repeat(30_000) + ']'.repeat(30_000)],
  [null, `{"model": "tiny", "messages": ${'{"a":'.repeat(5_000)}1${'}'.repeat(5_000)}}`],
  [null, '{"__proto__": {"model": "tiny"}}'],
];

const JSON_TYPE = { 'content-type': 'application/json' };

test('a wrong field is a 400 that names it', async (t) => {
  const { url, verifiers } = await gatewayUnderTest(t);
  for (const [param, body] of WRONG_FIELDS) {
    const { status, error } = await post(`${url}/v1/chat/completions`, body);
    const what = JSON.stringify(body).slice(0, 200);
    assert.equal(status, 400, what);
    assert.equal(error.param, param, what);
    assert.equal(error.type, 'invalid_request_error', what);
    assert.equal(error.code, 'invalid_argument', what);
    if (param !== null) assert.ok(error.message.startsWith(param), error.message);
  }
  for (const prompt of [[], ['a', 1], [[1], []], [1.5], [-1], [267], 5])
    assert.equal((await post(`${url}/v1/completions`, { model: 'tiny', prompt })).status, 400);
  assert.equal(verifiers[0]!.requests.length, 0);
});

test('an unknown model is a 404 model_not_found', async (t) => {
  const { client } = await gatewayUnderTest(t);
  const create = client.chat.completions.create({ ...CHAT, model: 'huge' });
  await assert.rejects(create, { status: 404, code: 'model_not_found', param: 'model' });
});

test('a prompt beyond the context is refused with the words that clients look for', async (t) => {
  const { client, verifiers } = await gatewayUnderTest(t);
  for (const length of [512, 5_000, 60_000]) {
    const content = 'x'.repeat(length);
    const create = client.chat.completions.create({ ...CHAT, messages: [{ role: 'user', content }] });
    await assert.rejects(create, (error: { status: number; code: string; message: string }) => {
      assert.equal(error.status, 400);
      assert.equal(error.code, 'context_length_exceeded');
      assert.match(error.message, /maximum context length is 512 tokens/);
      return true;
    });
  }
  await client.completions.create({ model: 'tiny', prompt: 'x'.repeat(500), max_tokens: 1000 });
  assert.equal(verifiers[0]!.requests[0]!.maxTokens, 12);
});

test('bodies that are too large or not JSON, unknown paths and wrong methods have the same error shape', async (t) => {
  const { url } = await gatewayUnderTest(t);
  const path = `${url}/v1/chat/completions`;
  const large = await post(path, { ...CHAT, user: 'x'.repeat(70_000) });
  assert.deepEqual([large.status, large.error.code], [413, 'payload_too_large']);
  for (const type of ['text/plain', 'application/x-www-form-urlencoded', 'nonsense']) {
    const { status, error } = await post(path, CHAT, { 'content-type': type });
    assert.deepEqual([status, error.code], [415, 'unsupported_media_type']);
  }
  const unknown = await post(`${url}/v1/nothing`, CHAT);
  assert.deepEqual([unknown.status, unknown.error.code], [404, 'not_found']);
  const wrongWay = await fetch(path);
  assert.deepEqual([wrongWay.status, wrongWay.headers.get('allow')], [405, 'POST']);
  assert.equal(((await wrongWay.json()) as Answer).error.code, 'method_not_allowed');
  const broken = await fetch(`${url}/v1/models/%zz`);
  assert.equal(broken.status, 400);
  assert.equal(((await broken.json()) as Answer).error.code, 'invalid_argument');
});

test('answers of every kind tell browsers not to keep, frame or reinterpret them', async (t) => {
  const { url } = await gatewayUnderTest(t);
  const chat = (stream: boolean) => ({
    method: 'POST',
    body: JSON.stringify({ ...CHAT, stream }),
    headers: JSON_TYPE,
  });
  for (const [path, init] of [
    ['/health', {}],
    ['/nowhere', {}],
    ['/docs', {}],
    ['/v1/chat/completions', chat(false)],
    ['/v1/chat/completions', chat(true)],
  ] as const) {
    const { headers, body } = await fetch(`${url}${path}`, init);
    assert.equal(headers.get('x-content-type-options'), 'nosniff', path);
    assert.equal(headers.get('x-frame-options'), 'DENY', path);
    assert.match(headers.get('cache-control') ?? '', /no-store|no-cache/, path);
    await body?.cancel();
  }
});

test('a sane request id is echoed, any other is replaced', async (t) => {
  const { url } = await gatewayUnderTest(t);
  const echoed = async (id: string) =>
    (await fetch(`${url}/health`, { headers: { 'x-request-id': id } })).headers.get('x-request-id');
  assert.equal(await echoed('my-id:1'), 'my-id:1');
  for (const hostile of ['../../x', 'a b', 'x'.repeat(200), '{"a":1}', 'é'])
    assert.match((await echoed(hostile))!, /^req_[0-9a-f]{32}$/);
});

test('without a verifier requests are a 503 with Retry-After and the gateway is alive but not ready', async (t) => {
  const { url } = await gatewayUnderTest(t, { numVerifiers: 0 });
  const refused = await post(`${url}/v1/chat/completions`, { ...CHAT, stream: true });
  assert.equal(refused.status, 503);
  assert.equal(refused.error.type, 'server_error');
  assert.equal(refused.headers.get('retry-after'), '1');
  assert.equal((await fetch(`${url}/health`)).status, 200);
  assert.equal((await fetch(`${url}/ready`)).status, 503);
});

test('a body of 100,000 levels is refused before anything walks it', async (t) => {
  const { url } = await gatewayUnderTest(t, { maxBodyBytes: 1024 * 1024 });
  const deep = '['.repeat(100_000) + ']'.repeat(100_000);
  const { status, error } = await post(`${url}/v1/chat/completions`, `{"model": "tiny", "tools": ${deep}}`);
  assert.deepEqual([status, error.code], [400, 'invalid_argument']);
  assert.match(error.message, /nested too deeply/);
});
