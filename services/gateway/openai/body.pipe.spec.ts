import assert from 'node:assert/strict';
import { test } from 'node:test';
import { BodyPipe } from '../http/body.pipe.js';
import { chatSchema } from './chat-schema.js';
import { completionSchema } from './completion-schema.js';
import { chatGeneration, completionGenerations } from './to-generation.js';
import { UNSUPPORTED_FIELDS } from './unsupported-fields.js';

const chat = new BodyPipe(chatSchema, UNSUPPORTED_FIELDS);
const CHAT = { model: 'm', messages: [{ role: 'user', content: 'Hello' }] };

test('null means that a field is not set', () => {
  const nulls = {
    temperature: null,
    top_p: null,
    stop: null,
    seed: null,
    n: null,
    tools: null,
    stream: null,
  };
  const { body, ignoredFields } = chat.transform({ ...CHAT, ...nulls });
  const { sampling, stop } = chatGeneration(body, undefined);
  const { temperature, topK, topP, ...others } = sampling;
  assert.deepEqual([temperature, topK, topP], [1, 0, 1]);
  assert.deepEqual(Object.keys(others).sort(), ['seed', 'verification']);
  assert.deepEqual(stop, []);
  assert.deepEqual(ignoredFields, []);
});

test('values that change nothing are let through', () => {
  const neutral = { n: 1, presence_penalty: 0, logit_bias: {}, tools: [], response_format: { type: 'text' } };
  assert.deepEqual(chat.transform({ ...CHAT, ...neutral, logprobs: false, min_p: 0 }).ignoredFields, []);
});

test('unknown fields are reported, not refused', () => {
  assert.deepEqual(chat.transform({ ...CHAT, metadata: {}, verbosity: 'low' }).ignoredFields, [
    'metadata',
    'verbosity',
  ]);
});

test('a field at fault is named through arrays, objects and alternatives', () => {
  const named = (body: object) => {
    try {
      chat.transform(body);
    } catch (error) {
      return (error as { field?: string }).field;
    }
    return undefined;
  };
  const withContent = (content: unknown) => ({ ...CHAT, messages: [{ role: 'user', content }] });
  assert.equal(named(withContent([{ type: 'text' }])), 'messages[0].content[0].text');
  assert.equal(named(withContent([{ type: 'audio' }])), 'messages[0].content[0].type');
  assert.equal(named(withContent({})), 'messages[0].content');
  assert.equal(named({ ...CHAT, speculation: { enabled: 1 } }), 'speculation.enabled');
  assert.equal(named({ ...CHAT, stop: ['a', 5] }), 'stop[1]');
  assert.equal(named({ ...CHAT, frequency_penalty: -3 }), 'frequency_penalty');
  assert.equal(named({ ...CHAT, logprobs: 3 }), 'logprobs');
  assert.equal(named({ ...CHAT, echo: true }), 'echo');
});

test('seeds of any sign and size become 64 unsigned bits', () => {
  const seedOf = (seed: number) =>
    chatGeneration(chat.transform({ ...CHAT, seed }).body, undefined).sampling.seed;
  assert.equal(seedOf(7), 7n);
  assert.equal(seedOf(-1), 2n ** 64n - 1n);
  assert.equal(seedOf(-(2 ** 63)), 2n ** 63n);
  assert.throws(() => seedOf(2 ** 64), { field: 'seed' });
  assert.throws(() => seedOf(0.5), { field: 'seed' });
});

test('max_completion_tokens wins over max_tokens; chats have no limit of their own, completions 16', () => {
  const tokensOf = (fields: object) =>
    chatGeneration(chat.transform({ ...CHAT, ...fields }).body, undefined).maxTokens;
  assert.equal(tokensOf({ max_tokens: 5, max_completion_tokens: 9 }), 9);
  assert.equal(tokensOf({ max_tokens: 5 }), 5);
  assert.equal(tokensOf({}), undefined);
  const completions = new BodyPipe(completionSchema, UNSUPPORTED_FIELDS);
  const { body } = completions.transform({ model: 'm', prompt: [[1, 2]] });
  const [{ maxTokens, input } = assert.fail()] = completionGenerations(body, undefined);
  assert.equal(maxTokens, 16);
  assert.deepEqual(input, { kind: 'tokens', tokens: [1, 2] });
});

test('the session comes from the body, else from the header', () => {
  const sessionOf = (fields: object, header?: string) =>
    chatGeneration(chat.transform({ ...CHAT, ...fields }).body, header).sessionId;
  assert.equal(sessionOf({ session_id: 'b' }, 'h'), 'b');
  assert.equal(sessionOf({}, 'h'), 'h');
  assert.equal(sessionOf({}), undefined);
  assert.throws(() => sessionOf({}, 'x'.repeat(513)), { field: 'X-Session-Id' });
});
