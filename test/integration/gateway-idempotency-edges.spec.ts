// Idempotency keys at the edges: limits, refusals, tools, choices, gRPC, answers too large, a store that is away.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { AppError } from '#libs/errors/index.js';
import { ChannelPool, GenerationClient } from '#libs/rpc/index.js';
import { type JournalStore, openJournalStore } from '#libs/session/index.js';
import { NO_LIMITS } from '#services/gateway/limits/limit-settings.js';
import { gatewayUnderTest, JOURNALS, STORY } from '../support/gateway-harness.js';
import { postKeyed } from '../support/keyed-posts.js';
import { bytesOf, IM_END } from '../support/tiny-model-folder.js';
import { until } from '../support/until.js';

const now = () => performance.now();
const CHAT = { model: 'tiny', messages: [{ role: 'user', content: 'Hello' }], max_tokens: 200 };
const PATH = '/v1/chat/completions';
const textOf = (answer: string) => JSON.parse(answer).choices[0].message.content;

test('a retry is not counted in the rate, and a request that was refused leaves its key unused', async (t) => {
  const under = await gatewayUnderTest(t, { limits: { ...NO_LIMITS, requestsPerMinute: 1 } });
  const url = `${under.url}${PATH}`;
  const first = await postKeyed(url, 'k', CHAT);
  for (let i = 0; i < 3; i++) assert.equal((await postKeyed(url, 'k', CHAT)).text, first.text);
  for (let i = 0; i < 2; i++) {
    const refused = await postKeyed(url, 'new', CHAT);
    assert.deepEqual([refused.status, refused.standing], [429, 'started']);
  }
  const wrong = await postKeyed(url, 'wrong', { ...CHAT, logit_bias: { 99999: 1 } });
  assert.equal(wrong.status, 429);
  assert.equal(first.headers.get('x-ratelimit-remaining-requests'), '0');
});

test('a request that could not be generated leaves its key unused, for another request too', async (t) => {
  const under = await gatewayUnderTest(t);
  const url = `${under.url}${PATH}`;
  assert.equal((await postKeyed(url, 'k', { ...CHAT, logit_bias: { 99999: 1 } })).status, 400);
  assert.equal((await postKeyed(url, 'k', { ...CHAT, model: 'other' })).status, 404);
  const answer = await postKeyed(url, 'k', CHAT);
  assert.deepEqual([answer.status, answer.standing], [200, 'started']);
});

test('after a failure midway the retry goes on with what was generated, and is charged no more', async (t) => {
  const under = await gatewayUnderTest(t, { limits: { ...NO_LIMITS, requestsPerMinute: 1 } });
  const [verifier] = under.verifiers as [(typeof under.verifiers)[0]];
  const error = new AppError('invalid_argument', 'no such thing');
  verifier.mishaps.push({ kind: 'fail', afterRounds: 4, error });
  assert.equal((await postKeyed(`${under.url}${PATH}`, 'k', CHAT)).status, 400);
  const retry = await postKeyed(`${under.url}${PATH}`, 'k', CHAT);
  assert.deepEqual([retry.status, retry.standing, textOf(retry.text)], [200, 'resumed', STORY]);
  assert.equal(JSON.parse(retry.text).usage.completion_tokens, bytesOf(STORY).length + 1);
  assert.equal(verifier.requests[1]!.tokens.length - verifier.requests[0]!.tokens.length, 12);
  assert.equal(verifier.requests[1]!.maxTokens, 200 - 12);
});

test('all choices go on, each from where it was', async (t) => {
  const under = await gatewayUnderTest(t);
  const [verifier] = under.verifiers as [(typeof under.verifiers)[0]];
  for (const afterRounds of [3, 5, 7]) verifier.mishaps.push({ kind: 'stall', afterRounds });
  const body = { ...CHAT, n: 3, stream: true };
  const leaving = new AbortController();
  const left = assert.rejects(postKeyed(`${under.url}${PATH}`, 'k', body, { signal: leaving.signal }));
  await until('all of them stall', () => verifier.rounds === 15);
  leaving.abort();
  await left;
  await until('the calls are over', () => verifier.running === 0);
  const retry = await postKeyed(`${under.url}${PATH}`, 'k', body);
  const texts = ['', '', ''];
  for (const [, json] of retry.text.matchAll(/^data: (\{.*)$/gm))
    for (const { index, delta } of JSON.parse(json!).choices) texts[index] += delta.content ?? '';
  assert.deepEqual(texts, [STORY, STORY, STORY]);
  const seeds = verifier.requests.map(({ sampling }) => sampling.seed);
  assert.deepEqual(new Set(seeds).size, 3);
  assert.equal(verifier.requests.length, 6);
});

test("a call of a tool has the same id in a replay, in everybody's shape", async (t) => {
  const under = await gatewayUnderTest(t, { contextLength: 4096 });
  const script = '<tool_call>\n{"name": "now", "arguments": {}}\n</tool_call>';
  under.verifiers[0]!.script = [...bytesOf(script), IM_END];
  const parameters = { type: 'object', properties: {} };
  const bodies = {
    [PATH]: { ...CHAT, tools: [{ type: 'function', function: { name: 'now', parameters } }] },
    '/v1/responses': {
      model: 'tiny',
      input: 'When?',
      tools: [{ type: 'function', name: 'now', parameters }],
    },
    '/v1/messages': { ...CHAT, tools: [{ name: 'now', input_schema: parameters }] },
  };
  for (const [path, body] of Object.entries(bodies)) {
    const [first, second] = [1, 2].map(() => () => postKeyed(`${under.url}${path}`, path, body));
    const answer = (await first!()).text;
    assert.match(answer, /(call|toolu|fc)_[0-9a-f]{32}/);
    assert.equal((await second!()).text, answer);
  }
});

test('over gRPC the key is metadata, and another request with it is ALREADY_EXISTS', async (t) => {
  const under = await gatewayUnderTest(t);
  const pool = new ChannelPool();
  t.after(() => pool.close());
  const client = new GenerationClient(`127.0.0.1:${under.gateway.grpcPort}`, pool);
  const ask = async (maxTokens: number) => {
    const request = {
      model: 'tiny',
      input: { prompt: 'Say' },
      sampling: { temperature: 0.5, topK: 0, topP: 1 },
      maxTokens,
      stop: [],
      speculation: { enabled: true, numSpeculativeTokens: 0, method: '' },
      sessionId: '',
    };
    const options = { signal: t.signal, metadata: { 'idempotency-key': 'k' } };
    const all = [];
    for await (const response of client.generate(request, options)) all.push(response);
    return all;
  };
  const first = await ask(9);
  assert.deepEqual(await ask(9), first);
  assert.equal(under.verifiers[0]!.requests.length, 1);
  await assert.rejects(ask(8), { code: 'idempotency_key_reused', field: 'Idempotency-Key' });
});

test('an answer that is too large to be kept reaches its client, and its key is a 410 from then on', async (t) => {
  const journalStore = await openJournalStore({ ...JOURNALS, maxSize: 1_000, now });
  const under = await gatewayUnderTest(t, { journalStore });
  const first = await postKeyed(`${under.url}${PATH}`, 'k', CHAT);
  assert.equal(textOf(first.text), STORY);
  const second = await postKeyed(`${under.url}${PATH}`, 'k', CHAT);
  assert.equal(second.status, 410);
  assert.equal(JSON.parse(second.text).error.code, 'answer_not_kept');
});

test('while the store is away a key is a 503, and what is under way goes on and is kept in the end', async (t) => {
  const store = await openJournalStore({ ...JOURNALS, now });
  let isAway = false;
  const through =
    <Args extends unknown[], T>(call: (...args: Args) => Promise<T>) =>
    async (...args: Args): Promise<T> => {
      if (isAway) throw new AppError('unavailable', 'Redis did not answer: gone');
      return call(...args);
    };
  const journalStore: JournalStore = {
    open: through((...args) => store.open(...args)),
    read: through((...args) => store.read(...args)),
    append: through((...args) => store.append(...args)),
    end: through((...args) => store.end(...args)),
    close: () => store.close(),
  };
  const under = await gatewayUnderTest(t, { journalStore });
  const [verifier] = under.verifiers as [(typeof under.verifiers)[0]];
  verifier.roundDelayMs = 30;
  const first = postKeyed(`${under.url}${PATH}`, 'k', CHAT);
  await until('it generates', () => verifier.rounds > 3);
  isAway = true;
  const refused = await postKeyed(`${under.url}${PATH}`, 'other', CHAT);
  assert.equal(refused.status, 503);
  assert.match(refused.headers.get('retry-after') ?? '', /^[1-9]/);
  assert.equal((await postKeyed(`${under.url}${PATH}`, undefined, { ...CHAT, max_tokens: 1 })).status, 200);
  await until('it generates on', () => verifier.rounds > 7);
  isAway = false;
  const answer = await first;
  assert.equal(textOf(answer.text), STORY);
  const again = await postKeyed(`${under.url}${PATH}`, 'k', CHAT);
  assert.equal(textOf(again.text), STORY);
  assert.equal(JSON.parse(again.text).id, JSON.parse(answer.text).id);
});
