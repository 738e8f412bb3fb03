// Anthropic's Messages API through Anthropic's own client: whole answers, events in their order, refusals, faults.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import Anthropic from '@anthropic-ai/sdk';
import { AppError } from '#libs/errors/index.js';
import { anthropicError, messageAnswer } from '#services/gateway/anthropic/answer-schemas.js';
import { gatewayUnderTest, STORY } from '../support/gateway-harness.js';
import { postJson } from '../support/post-json.js';
import { bytesOf, IM_END, IM_START } from '../support/tiny-model-folder.js';

const ASK = {
  model: 'tiny',
  max_tokens: 200,
  messages: [{ role: 'user' as const, content: 'Tell me a story.' }],
};
const PROMPT_TOKENS = 3 + bytesOf('user\nTell me a story.\nassistant\n').length;
const ANSWER_TOKENS = bytesOf(STORY).length + 1;

const clientOf = (url: string) => new Anthropic({ baseURL: url, apiKey: 'unused', maxRetries: 0 });

test('a whole message holds the text, why it ended, and usage that tells the cached part apart', async (t) => {
  const { url } = await gatewayUnderTest(t);
  const { data: message, response } = await clientOf(url).messages.create(ASK).withResponse();
  assert.match(message.id, /^msg_[0-9a-f]{32}$/);
  assert.deepEqual([message.type, message.role, message.model], ['message', 'assistant', 'tiny']);
  assert.deepEqual(message.content, [{ type: 'text', text: STORY }]);
  assert.deepEqual([message.stop_reason, message.stop_sequence], ['end_turn', null]);
  assert.deepEqual(message.usage, {
    input_tokens: PROMPT_TOKENS - 7,
    cache_creation_input_tokens: 0,
    cache_read_input_tokens: 7,
    output_tokens: ANSWER_TOKENS,
  });
  assert.match(response.headers.get('request-id')!, /^req_/);
});

test('system texts and blocks become the turns of the chat, turns of one role become one', async (t) => {
  const { url, verifiers } = await gatewayUnderTest(t);
  await clientOf(url).messages.create({
    ...ASK,
    system: [
      { type: 'text', text: 'A', cache_control: { type: 'ephemeral' } },
      { type: 'text', text: 'B' },
    ],
    messages: [
      {
        role: 'user',
        content: [
          { type: 'text', text: 'C' },
          { type: 'text', text: 'D' },
        ],
      },
      { role: 'assistant', content: [{ type: 'text', text: 'E' }] },
      { role: 'user', content: 'F' },
      { role: 'user', content: 'G' },
    ],
  });
  const turn = (text: string) => [IM_START, ...bytesOf(text), IM_END, ...bytesOf('\n')];
  assert.deepEqual(verifiers[0]!.requests[0]!.tokens, [
    ...turn('system\nAB'),
    ...turn('user\nCD'),
    ...turn('assistant\nE'),
    ...turn('user\nFG'),
    IM_START,
    ...bytesOf('assistant\n'),
  ]);
});

test('the stop sequence that was met is named, max_tokens is told, and sampling reaches the verifier', async (t) => {
  const { url, verifiers } = await gatewayUnderTest(t);
  const client = clientOf(url);
  const sampling = { temperature: 0.5, top_p: 0.9, top_k: 5, seed: 7 };
  const stop = { ...ASK, ...sampling, stop_sequences: ['unheard of', 'by the'] };
  const stopped = await client.messages.create(stop);
  assert.deepEqual([stopped.stop_reason, stopped.stop_sequence], ['stop_sequence', 'by the']);
  assert.deepEqual(stopped.content, [{ type: 'text', text: STORY.slice(0, STORY.indexOf('by the')) }]);
  assert.deepEqual(verifiers[0]!.requests[0]!.sampling, { temperature: 0.5, topK: 5, topP: 0.9, seed: 7n });
  const cut = await client.messages.create({ ...ASK, max_tokens: 4 });
  assert.deepEqual([cut.stop_reason, cut.stop_sequence], ['max_tokens', null]);
  const streamed = await client.messages.stream(stop).finalMessage();
  assert.deepEqual([streamed.stop_reason, streamed.stop_sequence], ['stop_sequence', 'by the']);
});

test('a streamed message tells of itself, its block and its text in order', async (t) => {
  const { url } = await gatewayUnderTest(t);
  const response = await fetch(`${url}/v1/messages`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ ...ASK, stream: true }),
  });
  const frames = (await response.text()).trimEnd().split('\n\n');
  const events = frames.map((frame) => {
    const [event, data] = frame.split('\n');
    const value = JSON.parse(data!.slice('data: '.length));
    assert.equal(event, `event: ${value.type}`);
    return value;
  });
  const types = events.map(({ type }) => type);
  const deltas = types.filter((type) => type === 'content_block_delta');
  assert.deepEqual(types, [
    'message_start',
    'ping',
    'content_block_start',
    ...deltas,
    'content_block_stop',
    'message_delta',
    'message_stop',
  ]);
  assert.ok(deltas.length > 5);
  assert.deepEqual(events[0].message.content, []);
  assert.equal(events[0].message.usage.input_tokens, PROMPT_TOKENS);
  assert.deepEqual(events[2].content_block, { type: 'text', text: '' });
});

test('the client’s own stream helper puts the message together', async (t) => {
  const { url } = await gatewayUnderTest(t);
  const stream = clientOf(url).messages.stream(ASK);
  assert.equal(await stream.finalText(), STORY);
  const { usage, stop_reason } = await stream.finalMessage();
  assert.equal(stop_reason, 'end_turn');
  assert.deepEqual(
    [usage.input_tokens, usage.cache_read_input_tokens, usage.output_tokens],
    [PROMPT_TOKENS - 7, 7, ANSWER_TOKENS],
  );
});

test('tokens are counted as the message would read them', async (t) => {
  const { url, verifiers } = await gatewayUnderTest(t);
  const client = clientOf(url);
  const { messages, model } = ASK;
  assert.deepEqual(await client.messages.countTokens({ model, messages }), { input_tokens: PROMPT_TOKENS });
  const { input_tokens } = await client.messages.countTokens({ model, messages, system: 'Be brief.' });
  await client.messages.create({ ...ASK, system: 'Be brief.' });
  assert.equal(verifiers[0]!.requests[0]!.tokens.length, input_tokens);
});

test('a failure within the stream is an error event, and the client throws', async (t) => {
  const { url, verifiers } = await gatewayUnderTest(t);
  const error = new AppError('invalid_argument', 'sampling: broken.', { field: 'sampling' });
  for (const client of [clientOf(url)]) {
    verifiers[0]!.mishaps.push({ kind: 'fail', afterRounds: 2, error });
    await assert.rejects(
      client.messages.stream(ASK).finalMessage(),
      (thrown: InstanceType<typeof Anthropic.APIError>) => {
        assert.ok(thrown instanceof Anthropic.APIError);
        assert.equal(thrown.type, 'invalid_request_error');
        assert.match(thrown.message, /sampling: broken/);
        return true;
      },
    );
  }
});

test('a client that leaves its stream ends the call on the verifier', async (t) => {
  const { url, verifiers } = await gatewayUnderTest(t);
  verifiers[0]!.mishaps.push({ kind: 'stall', afterRounds: 2 });
  const cancelled = verifiers[0]!.nextCancelled();
  const stream = await clientOf(url).messages.create({ ...ASK, stream: true });
  for await (const { type } of stream) if (type === 'content_block_delta') stream.controller.abort();
  await cancelled;
});

test('a wrong or refused field is a 400 in Anthropic’s shape that names it', async (t) => {
  const { url, verifiers } = await gatewayUnderTest(t);
  const says = (...content: unknown[]) => ({ ...ASK, messages: [{ role: 'user', content }] });
  const wrong: [string, object][] = [
    ['model', { max_tokens: 1, messages: ASK.messages }],
    ['max_tokens', { model: 'tiny', messages: ASK.messages }],
    ['messages', { model: 'tiny', max_tokens: 1 }],
    ['messages', { ...ASK, messages: [] }],
    ['messages[0].role', { ...ASK, messages: [{ role: 'system', content: 'a' }] }],
    ['messages[1].role', { ...ASK, messages: [...ASK.messages, { role: 'assistant', content: 'a' }] }],
    ['messages[0].content[0].type', says({ type: 'image', source: {} })],
    ['messages[0].content[0].type', says({ type: 'document', source: {} })],
    ['messages[0].content[1].text', says({ type: 'text', text: 'a' }, { type: 'text' })],
    ['messages[0].content[0].tool_use_id', says({ type: 'tool_result', content: 'a' })],
    [
      'messages[0].content[0].content[0].type',
      says({ type: 'tool_result', tool_use_id: 't', content: [{ type: 'image' }] }),
    ],
    ['system', { ...ASK, system: 5 }],
    ['temperature', { ...ASK, temperature: 1.1 }],
    ['stop_sequences[0]', { ...ASK, stop_sequences: [''] }],
    ['thinking', { ...ASK, thinking: { type: 'enabled', budget_tokens: 1024 } }],
    ['mcp_servers', { ...ASK, mcp_servers: [{ type: 'url' }] }],
    ['speculation.enabled', { ...ASK, speculation: { enabled: 1 } }],
  ];
  for (const [field, request] of wrong) {
    const { status, body } = await postJson(`${url}/v1/messages`, request);
    const what = JSON.stringify(request).slice(0, 200);
    assert.deepEqual([status, body.type, body.error.type], [400, 'error', 'invalid_request_error'], what);
    assert.ok(body.error.message.startsWith(field), `${field}: ${body.error.message}`);
    assert.match(body.request_id, /^req_/);
  }
  assert.equal(verifiers[0]!.requests.length, 0);
});

test('every other refusal on this path has Anthropic’s shape too', async (t) => {
  const { url } = await gatewayUnderTest(t);
  const path = `${url}/v1/messages`;
  const typeOf = async (body: unknown, headers: Record<string, string> = {}) => {
    const answer = await postJson(path, body, headers);
    return [answer.status, answer.body.error.type];
  };
  assert.deepEqual(await typeOf('{"model":'), [400, 'invalid_request_error']);
  assert.deepEqual(await typeOf({ ...ASK, model: 'huge' }), [404, 'not_found_error']);
  assert.deepEqual(await typeOf({ ...ASK, system: 'x'.repeat(70_000) }), [413, 'request_too_large']);
  assert.deepEqual(await typeOf({ ...ASK, system: 'x'.repeat(600) }), [400, 'invalid_request_error']);
  assert.deepEqual(await typeOf(ASK, { 'content-type': 'text/plain' }), [415, 'invalid_request_error']);
  const wrongWay = await fetch(path, { headers: { 'x-request-id': 'mine' } });
  assert.deepEqual([wrongWay.status, wrongWay.headers.get('allow')], [405, 'POST']);
  assert.equal(wrongWay.headers.get('request-id'), 'mine');
  const { request_id } = (await wrongWay.json()) as { request_id: string };
  assert.equal(request_id, 'mine');
});

test('without a verifier a message is a 503 overloaded_error with Retry-After', async (t) => {
  const { url } = await gatewayUnderTest(t, { numVerifiers: 0 });
  const { status, headers, body } = await postJson(`${url}/v1/messages`, { ...ASK, stream: true });
  assert.deepEqual([status, body.error.type, headers.get('retry-after')], [503, 'overloaded_error', '1']);
});

test('values that change nothing are let through, unknown fields are reported', async (t) => {
  const { url } = await gatewayUnderTest(t);
  const client = clientOf(url);
  const neutral = {
    metadata: { user_id: 'u' },
    thinking: { type: 'disabled' as const },
    tools: [],
    tool_choice: { type: 'auto' as const },
  };
  const plain = await client.messages.create({ ...ASK, ...neutral }).withResponse();
  assert.equal(plain.response.headers.get('x-outrider-ignored-fields'), null);
  const odd = await client.messages.create({ ...ASK, inference_geo: 'eu' }).withResponse();
  assert.equal(odd.response.headers.get('x-outrider-ignored-fields'), 'inference_geo');
});

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
const promptOf = (request: { tokens: readonly number[] }) =>
  Buffer.from(request.tokens.map((token) => Math.max(token - 3, 0))).toString();

test('a call of a tool is a block of its own and the reason to stop, whole and through the stream helper', async (t) => {
  const { url, verifiers } = await gatewayUnderTest(t, ROOMY);
  const client = clientOf(url);
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
  assert.match(promptOf(verifiers[0]!.requests[0]!), /Tells the weather/);
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
  await clientOf(url).messages.create({
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
  const prompt = promptOf(verifiers[0]!.requests[0]!);
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
  await clientOf(url).messages.create({ ...ASK, output_config: { format: { type: 'json_schema', schema } } });
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

test('without a key a message is a 401 in Anthropic’s shape, and the client’s own header carries one', async (t) => {
  const key = 'sk-alice-0123456789';
  const { url } = await gatewayUnderTest(t, { apiKeys: [`alice:${key}`] });
  const { status, body } = await postJson(`${url}/v1/messages`, ASK);
  assert.deepEqual([status, body.type, body.error.type], [401, 'error', 'authentication_error']);
  const client = new Anthropic({ baseURL: url, apiKey: key, maxRetries: 0 });
  assert.equal((await client.messages.create(ASK)).stop_reason, 'end_turn');
});
