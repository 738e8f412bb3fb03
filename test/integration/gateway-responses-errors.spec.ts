// Every refusal of the Responses API names the field as its client wrote it.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { gatewayUnderTest } from '../support/gateway-harness.js';
import { postJson } from '../support/post-json.js';
import { WEATHER_RESPONSE } from '../support/weather-response.js';

const ASK = { model: 'tiny', input: 'Tell me a story.' };

test('a wrong or refused field is a 400 that names it', async (t) => {
  const { url, verifiers } = await gatewayUnderTest(t);
  const item = (value: object) => ({ ...ASK, input: [value] });
  const wrong: [string, object][] = [
    ['model', { input: 'a' }],
    ['input', { model: 'tiny' }],
    ['input', { ...ASK, input: [] }],
    ['input', { ...ASK, input: 7 }],
    ['input[0].type', item({ type: 'item_reference', id: 'x' })],
    ['input[0].type', item({ type: 'reasoning', summary: [] })],
    ['input[0].role', item({ role: 'robot', content: 'a' })],
    ['input[0].content', item({ role: 'user', content: 5 })],
    [
      'input[0].content[0].type',
      item({ role: 'user', content: [{ type: 'input_image', image_url: 'http://a' }] }),
    ],
    ['input[0].content[0].type', item({ role: 'user', content: [{ type: 'input_file', file_id: 'a' }] })],
    ['input[0].call_id', item({ type: 'function_call', name: 'f', arguments: '{}' })],
    ['input[0].output', item({ type: 'function_call_output', call_id: 'c' })],
    ['max_output_tokens', { ...ASK, max_output_tokens: 0 }],
    ['temperature', { ...ASK, temperature: 2.1 }],
    [
      'metadata',
      { ...ASK, metadata: Object.fromEntries(Array.from({ length: 17 }, (_, i) => [`k${i}`, ''])) },
    ],
    ['metadata.a', { ...ASK, metadata: { a: 1 } }],
    ['store', { ...ASK, store: true }],
    ['previous_response_id', { ...ASK, previous_response_id: 'resp_1' }],
    ['conversation', { ...ASK, conversation: 'conv_1' }],
    ['background', { ...ASK, background: true }],
    ['prompt', { ...ASK, prompt: { id: 'pmpt_1' } }],
    ['truncation', { ...ASK, truncation: 'auto' }],
    ['seed', { ...ASK, seed: 0.5 }],
    ['logit_bias', { ...ASK, logit_bias: { 999999: 1 } }],
    ['speculation.method', { ...ASK, speculation: { method: 'magic' } }],
  ];
  for (const [param, request] of wrong) {
    const { status, body } = await postJson(`${url}/v1/responses`, request);
    const what = JSON.stringify(request).slice(0, 200);
    assert.deepEqual([status, body.error.param, body.error.code], [400, param, 'invalid_argument'], what);
    assert.ok(body.error.message.startsWith(param), body.error.message);
  }
  assert.equal(verifiers[0]!.requests.length, 0);
});

test('a tool that is no function and a choice that does not exist are named', async (t) => {
  const { url } = await gatewayUnderTest(t);
  const wrong: [string, object][] = [
    ['tools[0].type', { ...ASK, tools: [{ type: 'web_search' }] }],
    ['tools[0].name', { ...ASK, tools: [{ type: 'function', name: 'a b' }] }],
    ['tools', { ...ASK, tools: [WEATHER_RESPONSE.tools[0], WEATHER_RESPONSE.tools[0]] }],
    ['tool_choice', { ...WEATHER_RESPONSE, tool_choice: { type: 'function', name: 'nobody' } }],
    ['tool_choice', { ...ASK, tool_choice: 'required' }],
    ['tool_choice', { ...WEATHER_RESPONSE, tool_choice: 'sometimes' }],
  ];
  for (const [param, request] of wrong) {
    const { status, body } = await postJson(`${url}/v1/responses`, request);
    assert.deepEqual([status, body.error.param], [400, param], JSON.stringify(request).slice(0, 200));
  }
});

test('a format that cannot be followed is named', async (t) => {
  const { url } = await gatewayUnderTest(t);
  const json = { format: { type: 'json_object' } };
  const wrong: [string, object][] = [
    ['text.format.type', { ...ASK, text: { format: { type: 'grammar' } } }],
    ['text.format.schema', { ...ASK, text: { format: { type: 'json_schema', name: 'a' } } }],
    [
      'text.format.schema',
      { ...ASK, text: { format: { type: 'json_schema', schema: { type: 'nonsense' } } } },
    ],
    ['text.format', { ...ASK, text: json, structured_outputs: { regex: 'a+' } }],
  ];
  for (const [param, request] of wrong) {
    const { status, body } = await postJson(`${url}/v1/responses`, request);
    assert.deepEqual([status, body.error.param], [400, param], JSON.stringify(body));
  }
});

test('an input beyond the context, or that the template refuses, is the fault of the input', async (t) => {
  const { url } = await gatewayUnderTest(t);
  for (const length of [600, 30_000]) {
    const { status, body } = await postJson(`${url}/v1/responses`, { ...ASK, input: 'x'.repeat(length) });
    assert.deepEqual([status, body.error.code, body.error.param], [400, 'context_length_exceeded', 'input']);
    assert.match(body.error.message, /maximum context length is 512 tokens\. Your input/);
  }
});
