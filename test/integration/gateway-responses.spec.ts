// The Responses API through the official OpenAI client: whole answers, what they ask of the verifier, what they hold.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { gatewayUnderTest, STORY } from '../support/gateway-harness.js';
import { bytesOf, IM_END, IM_START } from '../support/tiny-model-folder.js';

const ASK = { model: 'tiny', input: 'Tell me a story.' };

const ANSWER_TOKENS = bytesOf(STORY).length + 1;

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
  assert.deepEqual(sampling, {
    temperature: 1,
    topK: 5,
    topP: 0.5,
    seed: 7n,
    minP: 0.1,
    verification: 'coupled',
  });
  assert.deepEqual([speculation.enabled, maxTokens], [false, 40]);
  assert.match(sessionId, /^client-/);
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
