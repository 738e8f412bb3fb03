// Responses, Messages and tokens against real processes and real weights, each through its official client.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import Anthropic from '@anthropic-ai/sdk';
import type OpenAI from 'openai';
import { openAiClient, userSays, wholeChat } from '../support/chat.js';
import { postJson } from '../support/post-json.js';
import { startTestStack, type TestStack } from '../support/test-stack.js';

const MODEL = 'smollm2-135m-instruct';
const QUESTION = 'What is the capital of Portugal?';

let stack: TestStack;
let openai: OpenAI;
let anthropic: Anthropic;

before(async () => {
  stack = await startTestStack();
  openai = openAiClient(stack.url);
  anthropic = new Anthropic({ baseURL: stack.url, apiKey: 'none', maxRetries: 0 });
});

after(() => stack.stop());

test('a greedy response, a greedy message and a greedy chat say the same, whole and streamed', async () => {
  const chat = await wholeChat(openai, userSays(QUESTION), { maxTokens: 24 });
  assert.ok(chat.text.length > 0);
  const ask = { model: MODEL, input: QUESTION, temperature: 0, max_output_tokens: 24 };
  const response = await openai.responses.create(ask);
  const streamed = await openai.responses.stream(ask).finalResponse();
  for (const answer of [response, streamed]) {
    assert.equal(answer.output_text, chat.text);
    assert.equal(answer.usage?.input_tokens, chat.usage.prompt_tokens);
    assert.equal(answer.usage?.output_tokens, chat.usage.completion_tokens);
  }
  const prompt = { model: MODEL, messages: [{ role: 'user' as const, content: QUESTION }] };
  const message = await anthropic.messages.create({ ...prompt, max_tokens: 24, ...{ temperature: 0 } });
  const stream = anthropic.messages.stream({ ...prompt, max_tokens: 24, ...{ temperature: 0 } });
  assert.deepEqual(message.content, [{ type: 'text', text: chat.text }]);
  assert.equal(await stream.finalText(), chat.text);
  const { usage } = await stream.finalMessage();
  assert.equal(usage.input_tokens + (usage.cache_read_input_tokens ?? 0), chat.usage.prompt_tokens);
  assert.equal((await anthropic.messages.countTokens(prompt)).input_tokens, chat.usage.prompt_tokens);
});

test('text becomes tokens and text again, and a chat as many as its prompt', async () => {
  const prompt = 'A café by the sea costs 3,50 €. 🌊';
  const { body } = await postJson(`${stack.url}/tokenize`, { prompt, return_token_strs: true });
  assert.equal(body.count, body.tokens.length);
  assert.equal(body.token_strs.length, body.count);
  assert.ok(body.count < Buffer.byteLength(prompt));
  const back = await postJson(`${stack.url}/detokenize`, { tokens: body.tokens });
  assert.equal(back.body.prompt, prompt);
  const chat = await postJson(`${stack.url}/tokenize`, { messages: userSays(QUESTION) });
  const { usage } = await wholeChat(openai, userSays(QUESTION), { maxTokens: 1 });
  assert.equal(chat.body.count, usage.prompt_tokens);
});

test('a required call and a structured answer are well formed on both routes', async () => {
  const schema = {
    type: 'object' as const,
    properties: { city: { type: 'string', enum: ['Lisbon', 'Rome'] } },
    required: ['city'],
    additionalProperties: false,
  };
  const called = await openai.responses.create({
    model: MODEL,
    input: QUESTION,
    temperature: 0,
    max_output_tokens: 64,
    tools: [{ type: 'function', name: 'capital', parameters: schema, strict: true }],
    tool_choice: 'required',
  });
  const [call] = called.output;
  assert.ok(call?.type === 'function_call');
  assert.deepEqual([call.name, Object.keys(JSON.parse(call.arguments))], ['capital', ['city']]);
  const used = await anthropic.messages.create({
    model: MODEL,
    max_tokens: 64,
    messages: [{ role: 'user', content: QUESTION }],
    ...{ temperature: 0 },
    tools: [{ name: 'capital', input_schema: schema }],
    tool_choice: { type: 'any', disable_parallel_tool_use: true },
  });
  const [use] = used.content;
  assert.ok(use?.type === 'tool_use');
  assert.deepEqual([used.stop_reason, Object.keys(use.input as object)], ['tool_use', ['city']]);
  const format = { type: 'json_schema' as const, name: 'city', schema };
  const structured = await openai.responses.create({
    model: MODEL,
    input: QUESTION,
    temperature: 0,
    text: { format },
  });
  assert.deepEqual(Object.keys(JSON.parse(structured.output_text)), ['city']);
});
