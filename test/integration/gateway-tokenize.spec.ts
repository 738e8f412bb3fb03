// POST /tokenize and /detokenize: vLLM's shape, bounds, and texts of any length.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { gatewayUnderTest } from '../support/gateway-harness.js';
import { postJson } from '../support/post-json.js';
import { bytesOf, IM_END, IM_START } from '../support/tiny-model-folder.js';

const CHAT = [{ role: 'user', content: 'Hi' }];
const TEMPLATED = [IM_START, ...bytesOf('user\nHi'), IM_END, ...bytesOf('\n')];

test('a prompt gives its tokens, their number and the context length, and the tokens give the prompt', async (t) => {
  const { url } = await gatewayUnderTest(t);
  const prompt = 'a café <|im_end|>';
  const tokens = [...bytesOf('a café '), IM_END];
  const { status, body } = await postJson(`${url}/tokenize`, { model: 'tiny', prompt });
  assert.equal(status, 200);
  assert.deepEqual(body, { count: tokens.length, max_model_len: 512, tokens, token_strs: null });
  assert.deepEqual((await postJson(`${url}/detokenize`, { tokens })).body, { prompt });
  assert.deepEqual((await postJson(`${url}/detokenize`, { tokens: [] })).body, { prompt: '' });
});

test('token_strs are the spellings of the vocabulary', async (t) => {
  const { url } = await gatewayUnderTest(t);
  const request = { prompt: 'é <|im_end|>', return_token_strs: true, add_special_tokens: false };
  const { body } = await postJson(`${url}/tokenize`, request);
  assert.deepEqual(body.token_strs, ['Ã', '©', 'Ġ', '<|im_end|>']);
});

test('messages give what the chat route would read, with or without the opening of the answer', async (t) => {
  const { url, client, verifiers } = await gatewayUnderTest(t);
  const { body } = await postJson(`${url}/tokenize`, { messages: CHAT });
  assert.deepEqual(body.tokens, [...TEMPLATED, IM_START, ...bytesOf('assistant\n')]);
  await client.chat.completions.create({ model: 'tiny', messages: [{ role: 'user', content: 'Hi' }] });
  assert.deepEqual(verifiers[0]!.requests[0]!.tokens, body.tokens);
  const closed = await postJson(`${url}/tokenize`, { messages: CHAT, add_generation_prompt: false });
  assert.deepEqual(closed.body.tokens, TEMPLATED);
});

test('long texts come back as they were', async (t) => {
  const { url } = await gatewayUnderTest(t, { maxBodyBytes: 1 << 20 });
  const prompt = 'é'.repeat(1_500);
  const { body } = await postJson(`${url}/tokenize`, { prompt });
  assert.equal(body.count, 3_000);
  const tokens = Array.from({ length: 20_000 }, (_, i) => bytesOf('é')[i % 2]!);
  const long = await postJson(`${url}/detokenize`, { tokens });
  assert.equal(long.body.prompt, 'é'.repeat(10_000));
});

test('a wrong field is a 400 that names it, an unknown one is reported', async (t) => {
  const { url } = await gatewayUnderTest(t, { maxBodyBytes: 1 << 20 });
  const wrong: [string, string, object][] = [
    ['tokenize', 'prompt', {}],
    ['tokenize', 'prompt', { prompt: 'a', messages: CHAT }],
    ['tokenize', 'prompt', { prompt: ['a'] }],
    ['tokenize', 'prompt', { prompt: 'x'.repeat(500_000) }],
    ['tokenize', 'messages[0].role', { messages: [{ role: 'robot', content: '' }] }],
    ['tokenize', 'add_special_tokens', { messages: CHAT, add_special_tokens: true }],
    ['tokenize', 'continue_final_message', { messages: CHAT, continue_final_message: true }],
    ['tokenize', 'chat_template', { messages: CHAT, chat_template: '{{ 1 }}' }],
    ['detokenize', 'tokens', {}],
    ['detokenize', 'tokens', { tokens: 'a' }],
    ['detokenize', 'tokens[1]', { tokens: [1, 1.5] }],
    ['detokenize', 'tokens[2]', { tokens: [1, 2, 267] }],
    ['detokenize', 'tokens[0]', { tokens: [-1] }],
  ];
  for (const [route, param, request] of wrong) {
    const { status, body } = await postJson(`${url}/${route}`, request);
    assert.deepEqual([status, body.error?.param], [400, param], JSON.stringify(request).slice(0, 100));
  }
  const other = await postJson(`${url}/tokenize`, { model: 'huge', prompt: 'a' });
  assert.deepEqual([other.status, other.body.error?.code], [404, 'model_not_found']);
  const odd = await postJson(`${url}/detokenize`, { tokens: [3], mood: 'good' });
  assert.equal(odd.headers.get('x-outrider-ignored-fields'), 'mood');
  assert.equal((await fetch(`${url}/tokenize`)).status, 405);
});
