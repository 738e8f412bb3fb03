// Idempotency keys: a retry joins, replays or goes on with its request, on whichever gateway it lands, and nothing is
// generated twice.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { openJournalStore } from '#libs/session/index.js';
import { gatewayUnderTest, JOURNALS, STORY } from '../support/gateway-harness.js';
import { postKeyed, StoreLink } from '../support/keyed-posts.js';
import { bytesOf } from '../support/tiny-model-folder.js';
import { until } from '../support/until.js';

const CHAT = { model: 'tiny', messages: [{ role: 'user', content: 'Hello' }], max_tokens: 200 };
const STREAM = { ...CHAT, stream: true, stream_options: { include_usage: true } };
const TOKENS = bytesOf(STORY).length + 1;
const BODIES: Readonly<Record<string, object>> = {
  '/v1/chat/completions': { ...CHAT, logprobs: true, top_logprobs: 2 },
  '/v1/completions': {
    model: 'tiny',
    prompt: ['Say', 'Tell'],
    n: 2,
    max_tokens: 20,
    echo: true,
    logprobs: 1,
  },
  '/v1/responses': { model: 'tiny', input: 'Hello', max_output_tokens: 200 },
  '/v1/messages': { model: 'tiny', messages: CHAT.messages, max_tokens: 200 },
};

/** Lines of a stream in an order of their own: choices come as they come. */
const sorted = (text: string) => text.split('\n').sort().join('\n');

function storyOf(stream: string): string {
  const chunks = [...stream.matchAll(/^data: (\{.*)$/gm)].map(([, json]) => JSON.parse(json!));
  return chunks.map(({ choices }) => choices[0]?.delta?.content ?? '').join('');
}

const completionTokens = (stream: string) => /"completion_tokens":(\d+)/.exec(stream)?.[1];

for (const [path, body] of Object.entries(BODIES))
  for (const stream of [false, true])
    test(`${path}, ${stream ? 'streamed' : 'whole'}: the second answer is the first to the byte`, async (t) => {
      const under = await gatewayUnderTest(t);
      const ask = () => postKeyed(`${under.url}${path}`, 'k', { ...body, stream });
      const first = await ask();
      const asked = under.verifiers[0]!.requests.length;
      const second = await ask();
      assert.deepEqual([first.status, first.standing], [200, 'started'], first.text);
      assert.deepEqual([second.status, second.standing], [200, 'complete']);
      assert.equal(sorted(second.text), sorted(first.text));
      assert.equal(under.verifiers[0]!.requests.length, asked);
      const metrics = await under.metrics.render();
      assert.match(metrics, /outrider_idempotent_requests_total\{standing="complete"\} 1/);
      const generated = under.verifiers[0]!.requests.reduce((sum, request) => sum + request.tokens.length, 0);
      assert.ok(generated > 0);
    });

test('ten submissions at once generate once, and all have the same answer', async (t) => {
  const under = await gatewayUnderTest(t);
  under.verifiers[0]!.roundDelayMs = 5;
  const all = await Promise.all(
    Array.from({ length: 10 }, () => postKeyed(`${under.url}/v1/chat/completions`, 'k', STREAM)),
  );
  const standings = all.map(({ standing }) => standing);
  assert.equal(standings.filter((standing) => standing === 'started').length, 1);
  assert.ok(standings.every((standing) => ['started', 'attached', 'complete'].includes(standing!)));
  for (const { text } of all) assert.equal(text, all[0]!.text);
  assert.equal(storyOf(all[0]!.text), STORY);
  assert.equal(under.verifiers[0]!.requests.length, 1);
  assert.match(await under.metrics.render(), new RegExp(`outrider_generation_tokens_total ${TOKENS}\n`));
});

test('a client that hangs up pauses its request: the retry goes on from the last round', async (t) => {
  const under = await gatewayUnderTest(t);
  const [verifier] = under.verifiers as [(typeof under.verifiers)[0]];
  verifier.mishaps.push({ kind: 'stall', afterRounds: 8 });
  const leaving = new AbortController();
  let seen = '';
  const onText = (text: string) => {
    seen = text;
    if (storyOf(text.slice(0, text.lastIndexOf('\n\n') + 2)).length >= 20) leaving.abort();
  };
  const url = `${under.url}/v1/chat/completions`;
  await assert.rejects(postKeyed(url, 'k', STREAM, { signal: leaving.signal, onText }));
  await until('the call is over', () => verifier.running === 0);
  const retry = await postKeyed(url, 'k', STREAM);
  assert.ok(retry.text.startsWith(seen.slice(0, seen.lastIndexOf('\n\n'))), 'it begins with what was seen');
  assert.equal(storyOf(retry.text), STORY);
  assert.equal(completionTokens(retry.text), String(TOKENS));
  const [first, second] = verifier.requests;
  assert.equal(verifier.requests.length, 2);
  assert.equal(second!.requestId, first!.requestId);
  assert.equal(second!.sampling.seed, first!.sampling.seed);
  const committed = second!.tokens.slice(first!.tokens.length);
  assert.deepEqual(committed, bytesOf(STORY).slice(0, committed.length));
  assert.equal(committed.length, 24);
});

test('a gateway that is cut off from the store loses its request to another, and its client follows that one', async (t) => {
  const store = await openJournalStore({ ...JOURNALS, now: () => performance.now() });
  const links = [new StoreLink(store), new StoreLink(store)] as const;
  const here = await gatewayUnderTest(t, { journalStore: links[0] });
  const there = await gatewayUnderTest(t, { journalStore: links[1] });
  links[0].hangAfter(8);
  const first = postKeyed(`${here.url}/v1/chat/completions`, 'k', STREAM);
  await until('it is cut off', () => links[0].isHanging);
  const second = await postKeyed(`${there.url}/v1/chat/completions`, 'k', STREAM);
  assert.equal(second.standing, 'attached');
  links[0].heal();
  assert.equal((await first).text, second.text);
  assert.equal(storyOf(second.text), STORY);
  assert.equal(there.verifiers[0]!.requests.length, 1);
  assert.ok(there.verifiers[0]!.requests[0]!.tokens.length > here.verifiers[0]!.requests[0]!.tokens.length);
  assert.match(await there.metrics.render(), /idempotent_requests_total\{standing="resumed"\} 1/);
});

test('another request with the same key is a 422, and the key stays that of the first', async (t) => {
  const under = await gatewayUnderTest(t);
  const url = `${under.url}/v1/chat/completions`;
  const first = await postKeyed(url, 'k', CHAT);
  const changes = [{ max_tokens: 3 }, { stream: true }, { user: 'x' }, { unknown: 1 }];
  for (const change of changes) {
    const refused = await postKeyed(url, 'k', { ...CHAT, ...change });
    assert.equal(refused.status, 422);
    const { error } = JSON.parse(refused.text);
    assert.deepEqual([error.code, error.param], ['idempotency_key_reused', 'Idempotency-Key']);
  }
  const { max_tokens, ...rest } = CHAT;
  assert.equal((await postKeyed(url, 'k', { max_tokens, ...rest })).text, first.text, 'order means nothing');
  const completion = { model: 'tiny', prompt: 'a' };
  assert.equal((await postKeyed(`${under.url}/v1/completions`, 'k', completion)).status, 422);
  assert.equal((await postKeyed(url, undefined, { ...CHAT, max_tokens: 3 })).status, 200);
});

test('keys that are none are a 400 that says what they must be', async (t) => {
  const under = await gatewayUnderTest(t);
  for (const key of ['', 'a b', 'a, b', 'x'.repeat(256), 'caf\u00e9', '\t']) {
    const refused = await postKeyed(`${under.url}/v1/chat/completions`, key, CHAT);
    assert.equal(refused.status, 400, JSON.stringify(key));
    assert.equal(JSON.parse(refused.text).error.param, 'Idempotency-Key');
  }
  const odd = ['x'.repeat(255), '"quoted"', '*', '{}', '__proto__', '..%2f'];
  for (const key of odd)
    assert.equal((await postKeyed(`${under.url}/v1/chat/completions`, key, CHAT)).standing, 'started', key);
});

test('two tenants with the same key and the same request never meet', async (t) => {
  const under = await gatewayUnderTest(t, { apiKeys: ['a:sk-alice-0123456789', 'b:sk-bob-0123456789'] });
  const as = (key: string) =>
    postKeyed(`${under.url}/v1/chat/completions`, 'k', CHAT, { headers: { 'x-api-key': key } });
  const [alice, bob] = [await as('sk-alice-0123456789'), await as('sk-bob-0123456789')];
  assert.deepEqual([alice.standing, bob.standing], ['started', 'started']);
  assert.notEqual(JSON.parse(alice.text).id, JSON.parse(bob.text).id);
  assert.equal((await as('sk-alice-0123456789')).text, alice.text);
});
