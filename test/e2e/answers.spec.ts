// Several choices, log probabilities and echo on real weights, through the official OpenAI client.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import type OpenAI from 'openai';
import { openAiClient, userSays } from '../support/chat.js';
import { startTestStack, type TestStack } from '../support/test-stack.js';
import { until } from '../support/until.js';

const MODEL = 'smollm2-135m-instruct';
const OFF = { speculation: { enabled: false } } as object;
const FOUR = { speculation: { num_speculative_tokens: 4 } } as object;
const RIVERS = userSays('Name three rivers of Europe and say one sentence about each.');
const SAMPLED = { model: MODEL, messages: RIVERS, temperature: 1, seed: 11, max_tokens: 16 };
const GREEDY = { model: MODEL, messages: RIVERS, temperature: 0, max_tokens: 24 };

let stack: TestStack;
let client: OpenAI;
before(async () => {
  stack = await startTestStack();
  client = openAiClient(stack.url);
});
after(() => stack.stop());

async function texts(body: OpenAI.ChatCompletionCreateParamsNonStreaming) {
  const { choices, usage } = await client.chat.completions.create(body);
  return { usage: usage!, texts: choices.map(({ message }) => message.content!) };
}

test('four sampled choices differ, a seeded request repeats all four, and alone it gives the first', async () => {
  const body = { ...SAMPLED, ...OFF };
  const four = await texts({ ...body, n: 4 });
  assert.equal(new Set(four.texts).size, 4);
  assert.deepEqual((await texts({ ...body, n: 4 })).texts, four.texts);
  const one = await texts(body);
  assert.deepEqual(one.texts, four.texts.slice(0, 1));
  assert.equal(one.usage.prompt_tokens, four.usage.prompt_tokens);
  assert.ok(four.usage.completion_tokens <= 4 * 16);
});

test('greedy choices are all the one greedy text, speculating side by side', async () => {
  const plain = await texts({ ...GREEDY, ...OFF });
  const many = await texts({ ...GREEDY, ...FOUR, n: 6 });
  assert.deepEqual(many.texts, Array(6).fill(plain.texts[0]));
  assert.equal(many.usage.completion_tokens, 6 * plain.usage.completion_tokens);
});

async function logprobsOf(fields: object) {
  const body = { ...GREEDY, logprobs: true, top_logprobs: 5, ...fields };
  const { choices, usage } = await client.chat.completions.create(body);
  const content = choices[0]!.logprobs!.content!;
  assert.equal(content.length, usage!.completion_tokens);
  return content;
}

test('log probabilities are the same with speculation and without, and a greedy token is the likeliest', async () => {
  const plain = await logprobsOf(OFF);
  const drafted = await logprobsOf(FOUR);
  assert.deepEqual(
    drafted.map(({ token }) => token),
    plain.map(({ token }) => token),
  );
  for (const [i, { token, logprob, bytes, top_logprobs: top }] of plain.entries()) {
    assert.equal(top.length, 5);
    assert.equal(top[0]!.token, token);
    assert.equal(Math.max(...top.map((other) => other.logprob)), logprob);
    assert.ok(top.reduce((sum, other) => sum + Math.exp(other.logprob), 0) <= 1 + 1e-5);
    assert.equal(Buffer.from(bytes!).toString(), token);
    assert.ok(Math.abs(logprob - drafted[i]!.logprob) < 1e-4, `${token}: ${logprob}, ${drafted[i]!.logprob}`);
    for (const [j, other] of top.entries())
      assert.ok(Math.abs(other.logprob - drafted[i]!.top_logprobs[j]!.logprob) < 1e-4);
  }
});

test('a text scored by echo has the log probabilities that it was generated with', async () => {
  const prompt = 'The capital of France is';
  const body = { model: MODEL, temperature: 0, logprobs: 1 };
  const said = (await client.completions.create({ ...body, prompt, max_tokens: 12 })).choices[0]!;
  const whole = prompt + said.text;
  const scoring = { ...body, prompt: whole, max_tokens: 0, echo: true };
  const { choices, usage } = await client.completions.create(scoring);
  const { text, logprobs } = choices[0]!;
  assert.equal(text, whole);
  assert.equal(usage!.completion_tokens, 0);
  assert.equal(logprobs!.tokens!.join(''), whole);
  assert.equal(logprobs!.token_logprobs![0], null);
  assert.equal(logprobs!.tokens!.length, usage!.prompt_tokens);
  const before = logprobs!.tokens!.length - 12;
  assert.deepEqual(logprobs!.tokens!.slice(before), said.logprobs!.tokens);
  for (const [i, logprob] of said.logprobs!.token_logprobs!.entries())
    assert.ok(Math.abs(logprob - logprobs!.token_logprobs![before + i]!) < 1e-3, `token ${i}`);
  for (const [i, token] of logprobs!.tokens!.entries())
    assert.equal(whole.slice(logprobs!.text_offset![i]).startsWith(token), true);
});

test('a client that leaves four choices frees all of them, and the session goes on', async () => {
  const body = { ...SAMPLED, ...FOUR, n: 4, max_tokens: 2000, stream: true } as const;
  const leave = new AbortController();
  const seen = new Set<number>();
  for await (const { choices } of await client.chat.completions.create(body, { signal: leave.signal })) {
    if (choices[0]!.delta.content) seen.add(choices[0]!.index);
    if (seen.size === 4) leave.abort();
  }
  await until('nothing runs any more', async () =>
    /num_requests_running 0\n/.test(await (await fetch(`${stack.url}/metrics`)).text()),
  );
  const { texts: next, usage } = await texts({ ...GREEDY, ...OFF });
  assert.ok(next[0]!.length > 0);
  assert.ok(usage.prompt_tokens_details!.cached_tokens! > 0);
});
