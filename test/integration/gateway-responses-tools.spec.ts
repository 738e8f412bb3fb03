// Functions and structured answers on the Responses API.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { response as responseAnswer } from '#services/gateway/responses/answer-schemas.js';
import { gatewayUnderTest } from '../support/gateway-harness.js';
import { postJson } from '../support/post-json.js';
import { bytesOf, IM_END, textOf } from '../support/tiny-model-folder.js';
import { WEATHER_RESPONSE } from '../support/weather-response.js';

const ASK = { model: 'tiny', input: 'Tell me a story.' };

const CALL = '<tool_call>\n{"name": "weather", "arguments": {"city": "Röme"}}\n</tool_call>';

/** Room for the descriptions of tools, which take one token a byte. */
const ROOMY = { contextLength: 4096 };

test('a call of a function is an item of its own, whole and through the stream helper', async (t) => {
  const { client, verifiers } = await gatewayUnderTest(t, ROOMY);
  verifiers[0]!.script = [...bytesOf(`Let me see.\n${CALL}`), IM_END];
  const whole = await client.responses.create(WEATHER_RESPONSE);
  const streamed = await client.responses.stream(WEATHER_RESPONSE).finalResponse();
  for (const response of [whole, streamed]) {
    assert.equal(response.status, 'completed');
    assert.equal(response.output_text, 'Let me see.');
    const [, call] = response.output;
    assert.ok(call?.type === 'function_call');
    assert.deepEqual(
      [call.name, JSON.parse(call.arguments), call.status],
      ['weather', { city: 'Röme' }, 'completed'],
    );
    assert.match(call.id!, /^fc_/);
    assert.match(call.call_id, /^call_/);
    assert.deepEqual(response.tools, WEATHER_RESPONSE.tools);
  }
  assert.match(textOf(verifiers[0]!.requests[0]!.tokens), /Tells the weather/);
});

test('a streamed call tells of its item, its arguments piece by piece, and their end', async (t) => {
  const { client, verifiers } = await gatewayUnderTest(t, ROOMY);
  verifiers[0]!.script = [...bytesOf(CALL), IM_END];
  const types: string[] = [];
  let args = '';
  for await (const event of await client.responses.create({ ...WEATHER_RESPONSE, stream: true })) {
    if (event.type === 'response.function_call_arguments.delta') args += event.delta;
    if (event.type !== types.at(-1)) types.push(event.type);
  }
  assert.deepEqual(types, [
    'response.created',
    'response.in_progress',
    'response.output_item.added',
    'response.function_call_arguments.delta',
    'response.function_call_arguments.done',
    'response.output_item.done',
    'response.completed',
  ]);
  assert.deepEqual(JSON.parse(args), { city: 'Röme' });
});

test('a call that breaks off is incomplete', async (t) => {
  const { client, verifiers } = await gatewayUnderTest(t, ROOMY);
  verifiers[0]!.script = [...bytesOf(CALL), IM_END];
  const { status, output } = await client.responses.create({ ...WEATHER_RESPONSE, max_output_tokens: 60 });
  assert.equal(status, 'incomplete');
  assert.ok(output[0]?.type === 'function_call');
  assert.equal(output[0].status, 'incomplete');
});

test('calls and their results come back as turns of the chat', async (t) => {
  const { client, verifiers } = await gatewayUnderTest(t, ROOMY);
  const call = {
    type: 'function_call' as const,
    call_id: 'c1',
    name: 'weather',
    arguments: '{"city": "Oslo"}',
  };
  const result = { type: 'function_call_output' as const, call_id: 'c1', output: 'Snow.' };
  await client.responses.create({
    ...WEATHER_RESPONSE,
    input: [{ role: 'user', content: 'Oslo?' }, call, result],
  });
  const prompt = textOf(verifiers[0]!.requests[0]!.tokens);
  assert.match(prompt, /<tool_call>\n\{"name": "weather", "arguments": \{"city": "Oslo"\}\}\n<\/tool_call>/);
  assert.match(prompt, /<tool_response>\nSnow\.\n<\/tool_response>/);
});

const CITY = { type: 'object', properties: { city: { type: 'string' } }, required: ['city'] };

test('text.format reaches the verifier as a grammar, and comes back in the response', async (t) => {
  const { client, verifiers } = await gatewayUnderTest(t, ROOMY);
  const format = { type: 'json_schema' as const, name: 'city', schema: CITY, strict: true };
  const response = await client.responses.create({ ...ASK, text: { format } });
  assert.deepEqual(verifiers[0]!.requests.at(-1)!.grammar, {
    kind: 'json_schema',
    schema: JSON.stringify(CITY),
    strict: true,
  });
  assert.deepEqual(response.text?.format, format);
  await client.responses.create({ ...ASK, text: { format: { type: 'json_object' } } });
  assert.deepEqual(verifiers[0]!.requests.at(-1)!.grammar, { kind: 'json_object' });
  await client.responses.create({ ...WEATHER_RESPONSE, tool_choice: 'required' });
  assert.equal(verifiers[0]!.requests.at(-1)!.grammar?.kind, 'structural_tag');
});

test('the API document knows every field of a response', async (t) => {
  const { url, verifiers } = await gatewayUnderTest(t, ROOMY);
  const call = [...bytesOf(`Let me see.\n${CALL}`), IM_END];
  for (const [script, request] of [
    [call, WEATHER_RESPONSE],
    [[...bytesOf('Hi'), IM_END], { ...ASK, max_output_tokens: 1 }],
  ] as const) {
    verifiers[0]!.script = script;
    const { body } = await postJson(`${url}/v1/responses`, request);
    assert.deepEqual(responseAnswer.parse(body), body);
  }
});
