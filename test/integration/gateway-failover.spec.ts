// Verifiers that die, stall or lie in the middle of an answer: the client's text must not show it.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { AppError } from '#libs/errors/index.js';
import { NO_LIMITS } from '#services/gateway/limits/limit-settings.js';
import type { Mishap } from '../support/fake-verifier.js';
import { type GatewayUnderTest, gatewayUnderTest, STORY } from '../support/gateway-harness.js';
import { bytesOf } from '../support/tiny-model-folder.js';

const CHAT = {
  model: 'tiny',
  messages: [{ role: 'user' as const, content: 'Hello' }],
  stream_options: { include_usage: true },
  max_tokens: 200,
  stream: true as const,
};

async function streamed({ client }: GatewayUnderTest) {
  let text = '';
  let failovers = -1;
  let tokens = -1;
  for await (const chunk of await client.chat.completions.create(CHAT)) {
    text += chunk.choices[0]?.delta.content ?? '';
    if (!('metrics' in chunk)) continue;
    failovers = (chunk.metrics as { outrider: { failovers: number } }).outrider.failovers;
    tokens = chunk.usage!.completion_tokens;
  }
  return { text, failovers, tokens };
}

const WHOLE = { text: STORY, tokens: bytesOf(STORY).length + 1 };
const unavailable = new AppError('unavailable', 'the machine is gone');

const MISHAPS: readonly (readonly [name: string, mishap: Mishap])[] = [
  ['fails before its first round', { kind: 'fail', afterRounds: 0, error: unavailable }],
  ['fails mid-way', { kind: 'fail', afterRounds: 4, error: unavailable }],
  ['has a defect', { kind: 'fail', afterRounds: 4, error: new AppError('internal', 'oops') }],
  [
    'has an older view of the session',
    { kind: 'fail', afterRounds: 0, error: new AppError('failed_precondition', 'moved') },
  ],
  ['ends without a finish reason', { kind: 'end', afterRounds: 5 }],
  ['stalls', { kind: 'stall', afterRounds: 6 }],
  ['sends a token beyond the vocabulary', { kind: 'send', afterRounds: 3, tokens: [70_000] }],
  ['sends more tokens than asked for', { kind: 'send', afterRounds: 1, tokens: bytesOf('x'.repeat(250)) }],
];

for (const [name, mishap] of MISHAPS) {
  test(`when a verifier ${name} another goes on, with no token lost or doubled`, async (t) => {
    const under = await gatewayUnderTest(t, { numVerifiers: 2, stallTimeoutMs: 200 });
    under.verifiers[0]!.mishaps.push(mishap);
    assert.deepEqual(await streamed(under), { ...WHOLE, failovers: 1 });
    const [first, second] = under.verifiers.map(({ requests }) => requests);
    assert.deepEqual([first!.length, second!.length], [1, 1]);
    const [fresh, resumed] = [first![0]!, second![0]!].sort((a, b) => a.tokens.length - b.tokens.length);
    const committed = resumed!.tokens.slice(fresh!.tokens.length);
    assert.deepEqual(committed, bytesOf(STORY).slice(0, committed.length));
    assert.equal(resumed!.maxTokens, 200 - committed.length);
    assert.notEqual(resumed!.fencingGeneration, fresh!.fencingGeneration);
    assert.match(await under.metrics.render(), /outrider_failovers_total 1/);
  });
}

test('an answer survives one failure after another, as long as each attempt brings a token', async (t) => {
  const under = await gatewayUnderTest(t, { numVerifiers: 2 });
  for (let i = 0; i < 8; i++)
    under.verifiers[0]!.mishaps.push({ kind: 'fail', afterRounds: 1, error: unavailable });
  assert.deepEqual(await streamed(under), { ...WHOLE, failovers: 8 });
});

test('what draining verifiers hand over goes on at once, and costs no attempt however often it happens', async (t) => {
  const under = await gatewayUnderTest(t, { numVerifiers: 2, limits: { ...NO_LIMITS, maxQueueMs: 60_000 } });
  const error = new AppError('draining', 'The server was shut down.');
  under.verifiers[0]!.mishaps.push({ kind: 'fail', afterRounds: 2, error });
  // Both refuse it in between: it waits for one that doesn't.
  for (let i = 0; i < 2; i++) under.verifiers[0]!.mishaps.push({ kind: 'fail', afterRounds: 0, error });
  assert.deepEqual(await streamed(under), { ...WHOLE, failovers: 3 });
  const metrics = await under.metrics.render();
  assert.match(metrics, /outrider_handovers_total 3/);
  assert.match(metrics, /outrider_failovers_total 0/);
});

test('verifiers that all leave for good are waited for as long as for busy ones', async (t) => {
  const under = await gatewayUnderTest(t, { numVerifiers: 2, limits: { ...NO_LIMITS, maxQueueMs: 1 } });
  const error = new AppError('draining', 'The server was shut down.');
  for (let i = 0; i < 9; i++) under.verifiers[0]!.mishaps.push({ kind: 'fail', afterRounds: 0, error });
  await assert.rejects(streamed(under), /verifiers are shutting down/);
});

test('three attempts without a token end the answer with an error', async (t) => {
  const under = await gatewayUnderTest(t, { numVerifiers: 2 });
  under.verifiers[0]!.mishaps.push({ kind: 'fail', afterRounds: 2, error: unavailable });
  for (let i = 0; i < 3; i++)
    under.verifiers[0]!.mishaps.push({ kind: 'fail', afterRounds: 0, error: unavailable });
  await assert.rejects(streamed(under), /the machine is gone/);
  const asked = under.verifiers.reduce((sum, { requests }) => sum + requests.length, 0);
  assert.equal(asked, 4);
});

test('a verifier that refuses the request as invalid is not asked again, nor is another', async (t) => {
  const under = await gatewayUnderTest(t, { numVerifiers: 2 });
  const error = new AppError('invalid_argument', 'tokens are not to my liking', { field: 'tokens' });
  under.verifiers[0]!.mishaps.push({ kind: 'fail', afterRounds: 0, error });
  await assert.rejects(streamed(under), /not to my liking/);
  const asked = under.verifiers.reduce((sum, { requests }) => sum + requests.length, 0);
  assert.equal(asked, 1);
});

test('a verifier whose process goes is left for the one that lives', async (t) => {
  const under = await gatewayUnderTest(t, { numVerifiers: 2 });
  for (const verifier of under.verifiers) verifier.roundDelayMs = 5;
  let text = '';
  let closing: Promise<unknown> | undefined;
  for await (const chunk of await under.client.chat.completions.create(CHAT)) {
    text += chunk.choices[0]?.delta.content ?? '';
    if (text.length > 8) closing ??= under.verifiers.find(({ requests }) => requests.length > 0)!.close();
  }
  await closing;
  assert.equal(text, STORY);
});

test('an only verifier that failed gets another chance', async (t) => {
  const under = await gatewayUnderTest(t);
  under.verifiers[0]!.mishaps.push({ kind: 'fail', afterRounds: 3, error: unavailable });
  assert.deepEqual(await streamed(under), { ...WHOLE, failovers: 1 });
});

test('a failure after the first chunk is an error event, and there is no [DONE]', async (t) => {
  const under = await gatewayUnderTest(t);
  const error = new AppError('invalid_argument', 'no such thing');
  const mishap: Mishap = { kind: 'fail', afterRounds: 1, error };
  under.verifiers[0]!.mishaps.push(mishap, mishap);
  await assert.rejects(streamed(under), /no such thing/);
  const response = await fetch(`${under.url}/v1/chat/completions`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(CHAT),
  });
  const text = await response.text();
  assert.match(text, /data: \{"error":\{"message":"no such thing","type":"invalid_request_error"/);
  assert.doesNotMatch(text, /DONE/);
});
