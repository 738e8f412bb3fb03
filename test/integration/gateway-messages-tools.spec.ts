// Tools and structured answers on the Messages API.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { anthropicError, messageAnswer } from '#services/gateway/anthropic/answer-schemas.js';
import { ASK, anthropicClient } from '../support/anthropic.js';
import { gatewayUnderTest } from '../support/gateway-harness.js';
import { postJson } from '../support/post-json.js';
import { bytesOf, IM_END, textOf } from '../support/tiny-model-folder.js';

const CALL = '<tool_call>\n{"name": "weather", "arguments": {"city": "Röme"}}\n</tool_call>';

const TOOLS = {
  ...ASK,
  tools: [
    {
      name: 'weather',
      description: 'Tells the weather.',
      input_schema: { type: 'object' as const, properties: { city: { type: 'string' } } },
    },
  ],
};

/** Room for the descriptions of tools, which take one token a byte. */
const ROOMY = { contextLength: 4096 };

test('a call of a tool is a block of its own and the reason to stop, whole and through the stream helper', async (t) => {
  const { url, verifiers } = await gatewayUnderTest(t, ROOMY);
  const client = anthropicClient(url);
  verifiers[0]!.script = [...bytesOf(`Let me see.\n${CALL}`), IM_END];
  const whole = await client.messages.create(TOOLS);
  const streamed = await client.messages.stream(TOOLS).finalMessage();
  for (const { content, stop_reason } of [whole, streamed]) {
    assert.equal(stop_reason, 'tool_use');
    const [text, call] = content;
    assert.deepEqual(text, { type: 'text', text: 'Let me see.' });
    assert.ok(call?.type === 'tool_use');
    assert.deepEqual([call.name, call.input], ['weather', { city: 'Röme' }]);
    assert.match(call.id, /^toolu_[0-9a-f]{32}$/);
  }
  assert.match(textOf(verifiers[0]!.requests[0]!.tokens), /Tells the weather/);
  const { input_tokens } = await client.messages.countTokens({
    model: 'tiny',
    messages: TOOLS.messages,
    tools: TOOLS.tools,
  });
  assert.equal(input_tokens, verifiers[0]!.requests[0]!.tokens.length);
});

test('calls and their results come back as turns of the chat', async (t) => {
  const { url, verifiers } = await gatewayUnderTest(t, ROOMY);
  const result = {
    type: 'tool_result' as const,
    tool_use_id: 'toolu_1',
    is_error: true,
    content: 'No network.',
  };
  await anthropicClient(url).messages.create({
    ...TOOLS,
    messages: [
      { role: 'user', content: 'Oslo?' },
      {
        role: 'assistant',
        content: [
          { type: 'text', text: 'Let me see.' },
          { type: 'tool_use', id: 'toolu_1', name: 'weather', input: { city: 'Oslo' } },
        ],
      },
      { role: 'user', content: [result, { type: 'text', text: 'And now?' }] },
    ],
  });
  const prompt = textOf(verifiers[0]!.requests[0]!.tokens);
  assert.match(prompt, /Let me see\.\n<tool_call>\n\{"name": "weather", "arguments": \{"city":"Oslo"\}\}/);
  assert.match(prompt, /<tool_response>\nError: No network\.\n<\/tool_response>/);
  assert.match(prompt, /And now\?/);
});

test('server tools and choices that do not exist are named', async (t) => {
  const { url } = await gatewayUnderTest(t, ROOMY);
  const wrong: [string, object][] = [
    ['tools[0].type', { ...ASK, tools: [{ type: 'web_search_20250305', name: 'web_search' }] }],
    ['tools[0].input_schema', { ...ASK, tools: [{ name: 'weather' }] }],
    ['tools', { ...ASK, tools: [TOOLS.tools[0], TOOLS.tools[0]] }],
    ['tool_choice.type', { ...TOOLS, tool_choice: { type: 'sometimes' } }],
    ['tool_choice.name', { ...TOOLS, tool_choice: { type: 'tool' } }],
    ['tool_choice', { ...TOOLS, tool_choice: { type: 'tool', name: 'nobody' } }],
    ['tool_choice', { ...ASK, tool_choice: { type: 'any' } }],
  ];
  for (const [field, request] of wrong) {
    const { status, body } = await postJson(`${url}/v1/messages`, request);
    assert.equal(status, 400, JSON.stringify(request).slice(0, 200));
    assert.ok(body.error.message.startsWith(`${field}:`), `${field}: ${body.error.message}`);
  }
});

test('output_config.format reaches the verifier as a grammar', async (t) => {
  const { url, verifiers } = await gatewayUnderTest(t);
  const schema = { type: 'object', properties: { city: { type: 'string' } } };
  await anthropicClient(url).messages.create({
    ...ASK,
    output_config: { format: { type: 'json_schema', schema } },
  });
  const grammar = { kind: 'json_schema', schema: JSON.stringify(schema), strict: true };
  assert.deepEqual(verifiers[0]!.requests[0]!.grammar, grammar);
  const broken = { ...ASK, output_config: { format: { type: 'json_schema', schema: { type: 'nonsense' } } } };
  const { status, body } = await postJson(`${url}/v1/messages`, broken);
  assert.equal(status, 400);
  assert.match(body.error.message, /^output_config\.format\.schema:/);
});

test('the API document knows every field of a message and of an error', async (t) => {
  const { url, verifiers } = await gatewayUnderTest(t, ROOMY);
  verifiers[0]!.script = [...bytesOf(`Let me see.\n${CALL}`), IM_END];
  const { body } = await postJson(`${url}/v1/messages`, TOOLS);
  assert.deepEqual(messageAnswer.parse(body), body);
  const refused = await postJson(`${url}/v1/messages`, {});
  assert.deepEqual(anthropicError.parse(refused.body), refused.body);
});
