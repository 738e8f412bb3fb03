// The Responses API through the official OpenAI client: whole answers, events in their order, refusals, faults.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { AppError } from '#libs/errors/index.js';
import { response as responseAnswer } from '#services/gateway/responses/answer-schemas.js';
import { gatewayUnderTest, STORY } from '../support/gateway-harness.js';
import { type AnyJson, postJson } from '../support/post-json.js';
import { bytesOf, IM_END, IM_START } from '../support/tiny-model-folder.js';

const ASK = { model: 'tiny', input: 'Tell me a story.' };
const ANSWER_TOKENS = bytesOf(STORY).length + 1;

/** The events as they go over the wire, each under its own name. */
async function eventsOf(url: string, body: object): Promise<AnyJson[]> {
  const response = await fetch(`${url}/v1/responses`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(body),
  });
  const frames = (await response.text()).trimEnd().split('\n\n');
  return frames.map((frame) => {
    const [event, data] = frame.split('\n');
    const value = JSON.parse(data!.slice('data: '.length));
    assert.equal(event, `event: ${value.type}`);
    return value;
  });
}

const turn = (role: string, content: string) => [
  IM_START,
  ...bytesOf(`${role}\n${content}`),
  IM_END,
  ...bytesOf('\n'),
];

test('a whole response holds the text, the usage and what was asked', async (t) => {
  const { client } = await gatewayUnderTest(t);
  const response = await client.responses.create({
    ...ASK,
    instructions: 'Be brief.',
    metadata: { topic: 'sea' },
    temperature: 0,
  });
  assert.equal(response.output_text, STORY);
  assert.match(response.id, /^resp_[0-9a-f]{32}$/);
  assert.deepEqual([response.object, response.status, response.error], ['response', 'completed', null]);
  assert.deepEqual([response.created_at, response.model], [1_700_000_000, 'tiny']);
  assert.deepEqual([response.metadata, response.instructions], [{ topic: 'sea' }, 'Be brief.']);
  assert.equal(response.temperature, 0);
  assert.equal((response as unknown as { store: boolean }).store, false);
  const prompt =
    turn('system', 'Be brief.').length + turn('user', ASK.input).length + turn('assistant', '').length - 2;
  assert.deepEqual(response.usage, {
    input_tokens: prompt,
    input_tokens_details: { cached_tokens: 7 },
    output_tokens: ANSWER_TOKENS,
    output_tokens_details: { reasoning_tokens: 0 },
    total_tokens: prompt + ANSWER_TOKENS,
  });
  const [message] = response.output;
  assert.ok(message?.type === 'message');
  assert.match(message.id, /^msg_[0-9a-f]{32}$/);
  assert.deepEqual(message.content, [{ type: 'output_text', text: STORY, annotations: [], logprobs: [] }]);
});

test('input items become the turns of the chat', async (t) => {
  const { client, verifiers } = await gatewayUnderTest(t);
  await client.responses.create({
    model: 'tiny',
    instructions: 'A',
    input: [
      { role: 'developer', content: 'B' },
      {
        type: 'message',
        role: 'user',
        content: [
          { type: 'input_text', text: 'C' },
          { type: 'input_text', text: 'D' },
        ],
      },
      {
        id: 'msg_1',
        type: 'message',
        role: 'assistant',
        status: 'completed',
        content: [{ type: 'output_text', text: 'E', annotations: [] }],
      },
      { role: 'user', content: 'F' },
    ],
  });
  assert.deepEqual(verifiers[0]!.requests[0]!.tokens, [
    ...turn('system', 'A'),
    ...turn('system', 'B'),
    ...turn('user', 'CD'),
    ...turn('assistant', 'E'),
    ...turn('user', 'F'),
    IM_START,
    ...bytesOf('assistant\n'),
  ]);
});

test('sampling, speculation and sessions reach the verifier, also by fields that are not OpenAI’s', async (t) => {
  const { client, verifiers } = await gatewayUnderTest(t);
  const extensions = {
    seed: 7,
    top_k: 5,
    min_p: 0.1,
    speculation: { enabled: false },
    stop: 'there',
    session_id: 's',
  };
  const response = await client.responses.create({
    ...ASK,
    top_p: 0.5,
    max_output_tokens: 40,
    ...extensions,
  });
  assert.equal(response.output_text, 'Once upon a time ');
  const { sampling, speculation, maxTokens, sessionId } = verifiers[0]!.requests[0]!;
  assert.deepEqual(sampling, { temperature: 1, topK: 5, topP: 0.5, seed: 7n, minP: 0.1 });
  assert.deepEqual([speculation.enabled, maxTokens], [false, 40]);
  assert.match(sessionId, /^client-/);
});

test('a streamed response tells of itself, its item, its part and its text in order', async (t) => {
  const { client } = await gatewayUnderTest(t);
  const events = [];
  for await (const event of await client.responses.create({ ...ASK, stream: true })) events.push(event);
  assert.deepEqual(
    events.map(({ sequence_number }) => sequence_number),
    events.map((_, i) => i),
  );
  const types = events.map(({ type }) => type);
  const deltas = types.filter((type) => type === 'response.output_text.delta');
  assert.deepEqual(types, [
    'response.created',
    'response.in_progress',
    'response.output_item.added',
    'response.content_part.added',
    ...deltas,
    'response.output_text.done',
    'response.content_part.done',
    'response.output_item.done',
    'response.completed',
  ]);
  assert.ok(deltas.length > 5);
  const text = events
    .map((event) => (event.type === 'response.output_text.delta' ? event.delta : ''))
    .join('');
  assert.equal(text, STORY);
});

test('the client’s own stream helper puts the response together', async (t) => {
  const { client } = await gatewayUnderTest(t);
  const response = await client.responses.stream(ASK).finalResponse();
  assert.equal(response.output_text, STORY);
  assert.equal(response.status, 'completed');
  assert.equal(response.usage?.output_tokens, ANSWER_TOKENS);
});

test('max_output_tokens makes a response incomplete, whole and streamed', async (t) => {
  const { client } = await gatewayUnderTest(t);
  const short = { ...ASK, max_output_tokens: 4 };
  for (const response of [
    await client.responses.create(short),
    await client.responses.stream(short).finalResponse(),
  ]) {
    assert.equal(response.status, 'incomplete');
    assert.deepEqual(response.incomplete_details, { reason: 'max_output_tokens' });
    assert.equal(response.output_text, STORY.slice(0, 4));
    assert.equal(response.output[0]?.type === 'message' && response.output[0].status, 'incomplete');
  }
});

test('a failure within the stream is an error event and a failed response, and the helper rejects', async (t) => {
  const { client, url, verifiers } = await gatewayUnderTest(t);
  const failure = () =>
    verifiers[0]!.mishaps.push({
      kind: 'fail',
      afterRounds: 2,
      error: new AppError('invalid_argument', 'sampling: broken.', { field: 'sampling' }),
    });
  failure();
  const events = await eventsOf(url, { ...ASK, stream: true });
  const [error, failed] = events.slice(-2);
  assert.deepEqual(error, {
    type: 'error',
    code: 'invalid_argument',
    message: 'sampling: broken.',
    param: 'sampling',
    sequence_number: events.length - 2,
  });
  assert.deepEqual([failed.type, failed.response.status], ['response.failed', 'failed']);
  assert.equal(failed.response.error.code, 'server_error');
  assert.equal(failed.response.output[0].content[0].text, STORY.slice(0, 6));
  failure();
  await assert.rejects(client.responses.stream(ASK).finalResponse(), /sampling: broken/);
  failure();
  await assert.rejects(client.responses.create(ASK), { status: 400 });
});

test('a client that leaves its stream ends the call on the verifier', async (t) => {
  const { client, verifiers } = await gatewayUnderTest(t);
  verifiers[0]!.mishaps.push({ kind: 'stall', afterRounds: 2 });
  const cancelled = verifiers[0]!.nextCancelled();
  const stream = await client.responses.create({ ...ASK, stream: true });
  for await (const { type } of stream) if (type === 'response.output_text.delta') stream.controller.abort();
  await cancelled;
});

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

test('values that change nothing are let through, unknown fields are reported', async (t) => {
  const { client } = await gatewayUnderTest(t);
  const neutral = {
    store: false,
    background: false,
    previous_response_id: null,
    truncation: 'disabled' as const,
    include: ['reasoning.encrypted_content' as const],
    text: { format: { type: 'text' as const } },
    tools: [],
    tool_choice: 'auto' as const,
    user: 'u',
  };
  const plain = await client.responses.create({ ...ASK, ...neutral }).withResponse();
  assert.equal(plain.response.headers.get('x-outrider-ignored-fields'), null);
  const odd = await client.responses.create({ ...ASK, prompt_cache_key: 'k' }).withResponse();
  assert.equal(odd.response.headers.get('x-outrider-ignored-fields'), 'prompt_cache_key');
});

const CALL = '<tool_call>\n{"name": "weather", "arguments": {"city": "Röme"}}\n</tool_call>';
const TOOLS = {
  model: 'tiny',
  input: 'Rome?',
  tools: [
    {
      type: 'function' as const,
      name: 'weather',
      description: 'Tells the weather.',
      parameters: { type: 'object', properties: { city: { type: 'string' } } },
      strict: false,
    },
  ],
};
/** Room for the descriptions of tools, which take one token a byte. */
const ROOMY = { contextLength: 4096 };
const promptOf = (request: { tokens: readonly number[] }) =>
  Buffer.from(request.tokens.map((token) => Math.max(token - 3, 0))).toString();

test('a call of a function is an item of its own, whole and through the stream helper', async (t) => {
  const { client, verifiers } = await gatewayUnderTest(t, ROOMY);
  verifiers[0]!.script = [...bytesOf(`Let me see.\n${CALL}`), IM_END];
  const whole = await client.responses.create(TOOLS);
  const streamed = await client.responses.stream(TOOLS).finalResponse();
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
    assert.deepEqual(response.tools, TOOLS.tools);
  }
  assert.match(promptOf(verifiers[0]!.requests[0]!), /Tells the weather/);
});

test('a streamed call tells of its item, its arguments piece by piece, and their end', async (t) => {
  const { client, verifiers } = await gatewayUnderTest(t, ROOMY);
  verifiers[0]!.script = [...bytesOf(CALL), IM_END];
  const types: string[] = [];
  let args = '';
  for await (const event of await client.responses.create({ ...TOOLS, stream: true })) {
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
  const { status, output } = await client.responses.create({ ...TOOLS, max_output_tokens: 60 });
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
  await client.responses.create({ ...TOOLS, input: [{ role: 'user', content: 'Oslo?' }, call, result] });
  const prompt = promptOf(verifiers[0]!.requests[0]!);
  assert.match(prompt, /<tool_call>\n\{"name": "weather", "arguments": \{"city": "Oslo"\}\}\n<\/tool_call>/);
  assert.match(prompt, /<tool_response>\nSnow\.\n<\/tool_response>/);
});

test('a tool that is no function and a choice that does not exist are named', async (t) => {
  const { url } = await gatewayUnderTest(t, ROOMY);
  const wrong: [string, object][] = [
    ['tools[0].type', { ...ASK, tools: [{ type: 'web_search' }] }],
    ['tools[0].name', { ...ASK, tools: [{ type: 'function', name: 'a b' }] }],
    ['tools', { ...ASK, tools: [TOOLS.tools[0], TOOLS.tools[0]] }],
    ['tool_choice', { ...TOOLS, tool_choice: { type: 'function', name: 'nobody' } }],
    ['tool_choice', { ...ASK, tool_choice: 'required' }],
    ['tool_choice', { ...TOOLS, tool_choice: 'sometimes' }],
  ];
  for (const [param, request] of wrong) {
    const { status, body } = await postJson(`${url}/v1/responses`, request);
    assert.deepEqual([status, body.error.param], [400, param], JSON.stringify(request).slice(0, 200));
  }
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
  await client.responses.create({ ...TOOLS, tool_choice: 'required' });
  assert.equal(verifiers[0]!.requests.at(-1)!.grammar?.kind, 'structural_tag');
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

test('the API document knows every field of a response', async (t) => {
  const { url, verifiers } = await gatewayUnderTest(t, ROOMY);
  const call = [...bytesOf(`Let me see.\n${CALL}`), IM_END];
  for (const [script, request] of [
    [call, TOOLS],
    [[...bytesOf('Hi'), IM_END], { ...ASK, max_output_tokens: 1 }],
  ] as const) {
    verifiers[0]!.script = script;
    const { body } = await postJson(`${url}/v1/responses`, request);
    assert.deepEqual(responseAnswer.parse(body), body);
  }
});
