// Several choices of one prompt.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { AppError } from '#libs/errors/index.js';
import type { GenerateRequest } from '#libs/rpc/index.js';
import { gatewayUnderTest, STORY } from '../support/gateway-harness.js';
import { bytesOf, IM_END } from '../support/tiny-model-folder.js';

const CHAT = { model: 'tiny', messages: [{ role: 'user' as const, content: 'Tell me a story.' }], seed: 5 };
/** What a sampled model does: another text for another seed. */
const textOf = ({ sampling }: GenerateRequest) => `${sampling.seed} is the seed. ${STORY}`;
const scriptOf = (request: GenerateRequest) => [...bytesOf(textOf(request)), IM_END];
const NO_TRACE = [/num_requests_running 0/, /request_success_total\{finished_reason="abort"\} 4/];

test('n choices come whole in order, with seeds of their own, one session and one prompt in the usage', async (t) => {
  const { client, verifiers } = await gatewayUnderTest(t);
  const [verifier] = verifiers;
  verifier!.scriptOf = scriptOf;
  const { choices, usage, id, ...rest } = await client.chat.completions.create({ ...CHAT, n: 4 });
  const requests = verifier!.requests.splice(0);
  assert.deepEqual(
    requests.map(({ requestId }) => requestId),
    [0, 1, 2, 3].map((i) => `${id}/${i}`),
  );
  assert.equal(new Set(requests.map(({ sessionId }) => sessionId)).size, 1);
  assert.equal(requests[0]!.sampling.seed, 5n);
  const texts = choices.map(({ message }) => message.content);
  assert.deepEqual(texts, requests.map(textOf));
  assert.equal(new Set(texts).size, 4);
  assert.deepEqual(
    choices.map(({ index, finish_reason }) => [index, finish_reason]),
    [0, 1, 2, 3].map((i) => [i, 'stop']),
  );
  const tokens = texts.map((text) => bytesOf(text!).length + 1).reduce((a, b) => a + b);
  assert.equal(usage!.completion_tokens, tokens);
  assert.equal(usage!.prompt_tokens, requests[0]!.tokens.length);
  assert.deepEqual(usage!.prompt_tokens_details, { cached_tokens: 7 });
  assert.equal((rest as unknown as { metrics: unknown }).metrics, null);

  const again = await client.chat.completions.create({ ...CHAT, n: 4 });
  assert.deepEqual(
    again.choices.map(({ message }) => message.content),
    texts,
  );
  const one = await client.chat.completions.create(CHAT);
  assert.equal(one.choices[0]!.message.content, texts[0]);
});

test('sixteen streamed choices are interleaved, each opens, joins to its text and ends once', async (t) => {
  const { client, verifiers } = await gatewayUnderTest(t);
  verifiers[0]!.scriptOf = scriptOf;
  const body = { ...CHAT, n: 16, stream: true, stream_options: { include_usage: true } } as const;
  const texts = new Map<number, string>();
  const ends: number[] = [];
  const order: number[] = [];
  let completionTokens = 0;
  for await (const { choices, usage } of await client.chat.completions.create(body)) {
    if (usage) completionTokens = usage.completion_tokens;
    for (const { index, delta, finish_reason } of choices) {
      if (delta.role !== undefined) texts.set(index, '');
      else order.push(index);
      texts.set(index, texts.get(index)! + (delta.content ?? ''));
      if (finish_reason !== null) ends.push(index);
    }
  }
  const sent = new Map(verifiers[0]!.requests.map((r) => [Number(r.requestId.split('/')[1]), textOf(r)]));
  assert.deepEqual(texts, new Map([...sent].sort(([a], [b]) => a - b)));
  assert.deepEqual(
    [...ends].sort((a, b) => a - b),
    [...Array(16).keys()],
  );
  assert.ok(new Set(order.slice(0, 40)).size > 8, `not interleaved: ${order.slice(0, 40)}`);
  const tokens = [...texts.values()].map((text) => bytesOf(text).length + 1).reduce((a, b) => a + b);
  assert.equal(completionTokens, tokens);
});

test('a choice whose verifier dies goes on elsewhere; the others never notice', async (t) => {
  const { client, verifiers } = await gatewayUnderTest(t, { numVerifiers: 2 });
  for (const verifier of verifiers) verifier.scriptOf = scriptOf;
  const error = new AppError('unavailable', 'gone');
  verifiers[0]!.mishaps.push({ kind: 'fail', afterRounds: 2, error });
  const { choices } = await client.chat.completions.create({ ...CHAT, n: 3 });
  const first = verifiers
    .flatMap(({ requests }) => requests)
    .filter((r) => r.tokens.length === r.promptLength);
  const texts = new Map(first.map((request) => [request.requestId.split('/')[1], textOf(request)]));
  assert.deepEqual(
    choices.map(({ message }) => message.content),
    ['0', '1', '2'].map((i) => texts.get(i)),
  );
  assert.equal(verifiers.flatMap(({ requests }) => requests).length, 4);
});

test('one choice that fails for good fails the request, and the others are cancelled', async (t) => {
  const { client, verifiers, metrics } = await gatewayUnderTest(t);
  const [verifier] = verifiers;
  for (const stream of [true, false]) {
    verifier!.mishaps.push(
      { kind: 'stall', afterRounds: 1 },
      { kind: 'fail', afterRounds: 2, error: new AppError('invalid_argument', 'bad.', { field: 'seed' }) },
      { kind: 'stall', afterRounds: 0 },
    );
    const before = verifier!.cancelled;
    const read = async () => {
      if (!stream) return client.chat.completions.create({ ...CHAT, n: 3 });
      for await (const _ of await client.chat.completions.create({ ...CHAT, n: 3, stream: true }));
    };
    await assert.rejects(read, stream ? { code: 'invalid_argument' } : { status: 400, param: 'seed' });
    while (verifier!.cancelled < before + 2) await verifier!.nextCancelled();
  }
  const text = await metrics.render();
  assert.match(text, /num_requests_running 0/);
  assert.match(text, /request_success_total\{finished_reason="error"\} 2/);
  assert.match(text, /request_success_total\{finished_reason="abort"\} 4/);
});

test('a client that leaves ends the calls of all choices, also of those that nobody read yet', async (t) => {
  const { client, verifiers, metrics } = await gatewayUnderTest(t);
  const [verifier] = verifiers;
  for (let i = 0; i < 4; i++) verifier!.mishaps.push({ kind: 'stall', afterRounds: i });
  const stream = await client.chat.completions.create({ ...CHAT, n: 4, stream: true });
  for await (const chunk of stream) if (chunk.choices[0]!.delta.content) stream.controller.abort();
  while (verifier!.cancelled < 4) await verifier!.nextCancelled();
  const text = await metrics.render();
  for (const trace of NO_TRACE) assert.match(text, trace);
});
