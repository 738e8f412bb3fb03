// Anthropic's Messages API through Anthropic's own client: whole answers, what they ask of the verifier, counting.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ANSWER_TOKENS, ASK, anthropicClient, PROMPT_TOKENS } from '../support/anthropic.js';
import { gatewayUnderTest, STORY } from '../support/gateway-harness.js';
import { bytesOf, IM_END, IM_START } from '../support/tiny-model-folder.js';

test('a whole message holds the text, why it ended, and usage that tells the cached part apart', async (t) => {
  const { url } = await gatewayUnderTest(t);
  const { data: message, response } = await anthropicClient(url).messages.create(ASK).withResponse();
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
  await anthropicClient(url).messages.create({
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
  const client = anthropicClient(url);
  const sampling = { temperature: 0.5, top_p: 0.9, top_k: 5, seed: 7 };
  const stop = { ...ASK, ...sampling, stop_sequences: ['unheard of', 'by the'] };
  const stopped = await client.messages.create(stop);
  assert.deepEqual([stopped.stop_reason, stopped.stop_sequence], ['stop_sequence', 'by the']);
  assert.deepEqual(stopped.content, [{ type: 'text', text: STORY.slice(0, STORY.indexOf('by the')) }]);
  const expected = { temperature: 0.5, topK: 5, topP: 0.9, seed: 7n, verification: 'coupled' };
  assert.deepEqual(verifiers[0]!.requests[0]!.sampling, expected);
  const cut = await client.messages.create({ ...ASK, max_tokens: 4 });
  assert.deepEqual([cut.stop_reason, cut.stop_sequence], ['max_tokens', null]);
  const streamed = await client.messages.stream(stop).finalMessage();
  assert.deepEqual([streamed.stop_reason, streamed.stop_sequence], ['stop_sequence', 'by the']);
});

test('tokens are counted as the message would read them', async (t) => {
  const { url, verifiers } = await gatewayUnderTest(t);
  const client = anthropicClient(url);
  const { messages, model } = ASK;
  assert.deepEqual(await client.messages.countTokens({ model, messages }), { input_tokens: PROMPT_TOKENS });
  const { input_tokens } = await client.messages.countTokens({ model, messages, system: 'Be brief.' });
  await client.messages.create({ ...ASK, system: 'Be brief.' });
  assert.equal(verifiers[0]!.requests[0]!.tokens.length, input_tokens);
});

test('values that change nothing are let through, unknown fields are reported', async (t) => {
  const { url } = await gatewayUnderTest(t);
  const client = anthropicClient(url);
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
