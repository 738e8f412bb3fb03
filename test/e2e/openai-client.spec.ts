// The official OpenAI client against real processes and real weights: what a user's program meets.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import OpenAI from 'openai';
import { type Messages, openAiClient, streamedChat, userSays, wholeChat } from '../support/chat.js';
import { startTestStack, type TestStack } from '../support/test-stack.js';

const OFF = { enabled: false };
const RIVERS = userSays('Name three rivers of Europe and say one sentence about each.');

let stack: TestStack;
let client: OpenAI;

before(async () => {
  stack = await startTestStack();
  client = openAiClient(stack.url);
});

after(() => stack.stop());

test('whole or streamed, with and without speculation, the greedy text is the same', async () => {
  const plain = await wholeChat(client, RIVERS, { speculation: OFF, sessionId: 'plain' });
  assert.ok(plain.text.length > 0);
  const answers = {
    whole: await wholeChat(client, RIVERS, { sessionId: 'whole' }),
    streamed: await streamedChat(client, RIVERS, { sessionId: 'streamed' }),
    'streamed without speculation': await streamedChat(client, RIVERS, {
      speculation: OFF,
      sessionId: 'off',
    }),
  };
  for (const [name, answer] of Object.entries(answers)) {
    assert.equal(answer.text, plain.text, name);
    assert.equal(answer.finishReason, plain.finishReason, name);
    assert.equal(answer.usage.completion_tokens, plain.usage.completion_tokens, name);
    assert.equal(answer.usage.prompt_tokens, plain.usage.prompt_tokens, name);
  }
  assert.ok(answers.streamed.pieces > 1);
});

test('usage adds up, and the metrics tell what was drafted', async () => {
  for (const chat of [wholeChat, streamedChat]) {
    const { usage, metrics } = await chat(client, RIVERS);
    assert.equal(usage.completion_tokens, 24);
    assert.equal(usage.total_tokens, usage.prompt_tokens + usage.completion_tokens);
    const { num_draft_tokens, num_accepted_draft_tokens, num_spec_steps } = metrics.speculative_decoding;
    assert.ok(num_spec_steps > 0 && num_draft_tokens >= num_spec_steps);
    assert.ok(num_accepted_draft_tokens > 0 && num_accepted_draft_tokens <= num_draft_tokens);
    assert.deepEqual([metrics.outrider.draft_failures, metrics.outrider.failovers], [0, 0]);
  }
  const off = await wholeChat(client, RIVERS, { speculation: OFF });
  assert.equal(off.metrics.speculative_decoding.num_draft_tokens, 0);
});

test("a conversation's second turn finds the first one in the cache", async () => {
  const messages: Messages = [
    { role: 'system', content: 'You answer briefly.' },
    { role: 'user', content: 'What is the capital of Portugal?' },
  ];
  const first = await wholeChat(client, messages, { maxTokens: 16 });
  assert.equal(first.usage.prompt_tokens_details?.cached_tokens, 0);
  const more: Messages = [
    ...messages,
    { role: 'assistant', content: first.text },
    { role: 'user', content: 'And of Norway?' },
  ];
  const second = await wholeChat(client, more, { maxTokens: 4 });
  // All of the first prompt; its answer may be tokenized otherwise when it comes back as text.
  const cached = second.usage.prompt_tokens_details?.cached_tokens ?? 0;
  assert.ok(
    cached >= first.usage.prompt_tokens,
    `${cached} of ${first.usage.prompt_tokens} tokens were found`,
  );
  assert.ok(cached < second.usage.prompt_tokens);
});

test('a warm cache changes nothing of the answer', async () => {
  const cold = await wholeChat(client, RIVERS, { sessionId: 'warm-1' });
  const warm = await wholeChat(client, RIVERS, { sessionId: 'warm-1' });
  assert.equal(warm.text, cold.text);
  assert.ok((warm.usage.prompt_tokens_details?.cached_tokens ?? 0) > 0);
});

test('a stop string ends the text before itself, whole and streamed', async () => {
  const { text } = await wholeChat(client, RIVERS);
  // Begins within the text and spans a word's end, so that it takes more than one token to find.
  const stop = text.slice(20, 29);
  for (const chat of [wholeChat, streamedChat]) {
    const stopped = await chat(client, RIVERS, { stop });
    assert.equal(stopped.text, text.slice(0, text.indexOf(stop)));
    assert.equal(stopped.finishReason, 'stop');
    assert.ok(stopped.usage.completion_tokens < 24);
  }
});

test('a seeded request repeats itself, also in another session, streamed, and with a warm cache', async () => {
  const seeded = { temperature: 1, seed: 7 };
  const first = await wholeChat(client, RIVERS, { ...seeded, sessionId: 'seed-1' });
  for (const sessionId of ['seed-1', 'seed-2']) {
    assert.equal((await wholeChat(client, RIVERS, { ...seeded, sessionId })).text, first.text);
    assert.equal((await streamedChat(client, RIVERS, { ...seeded, sessionId })).text, first.text);
  }
  assert.notEqual((await wholeChat(client, RIVERS, { temperature: 1, seed: 8 })).text, first.text);
});

test('after an aborted stream the next request of the session works', async () => {
  const options = { sessionId: 'aborted' };
  const expected = await wholeChat(client, RIVERS, { speculation: OFF });
  const leave = new AbortController();
  const aborted = streamedChat(
    client,
    RIVERS,
    { ...options, maxTokens: 2000 },
    (index) => index === 1 && leave.abort(),
    leave.signal,
  );
  // The client ends an aborted stream without an error, so what is missing is its end.
  await assert.rejects(aborted, /without a usage chunk/);
  const next = await streamedChat(client, RIVERS, options);
  assert.equal(next.text, expected.text);
});

test('errors have the status, code and field that the client knows', async () => {
  const refusal = async (request: Promise<unknown>) => {
    const error = await request.then(
      () => assert.fail('was not refused'),
      (thrown: unknown) => thrown,
    );
    assert.ok(error instanceof OpenAI.APIError);
    return error;
  };
  const long = await refusal(wholeChat(client, userSays('river '.repeat(9000))));
  assert.ok(long instanceof OpenAI.BadRequestError);
  assert.deepEqual([long.code, long.param], ['context_length_exceeded', 'messages']);
  assert.match(long.message, /maximum context length/);
  const unknown = await refusal(
    client.chat.completions.create({ model: 'gpt-nobody', messages: RIVERS, max_completion_tokens: 1 }),
  );
  assert.ok(unknown instanceof OpenAI.NotFoundError);
  assert.deepEqual([unknown.code, unknown.param], ['model_not_found', 'model']);
});
