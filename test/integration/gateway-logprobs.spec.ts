// Log probabilities, whole and streamed.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { gatewayUnderTest, STORY } from '../support/gateway-harness.js';
import { bytesOf } from '../support/tiny-model-folder.js';

const CHAT = { model: 'tiny', messages: [{ role: 'user' as const, content: 'Hello' }] };
const NUM_TOKENS = bytesOf(STORY).length + 1;
const E_ACUTE = [...Buffer.from('é')];

test('chat: one entry a completion token, whole and streamed, part of a character in its bytes', async (t) => {
  const { client, verifiers } = await gatewayUnderTest(t);
  const body = { ...CHAT, logprobs: true, top_logprobs: 2 };
  const { choices, usage } = await client.chat.completions.create(body);
  const content = choices[0]!.logprobs!.content!;
  assert.equal(content.length, usage!.completion_tokens);
  assert.equal(content.length, NUM_TOKENS);
  assert.deepEqual(Buffer.from(content.flatMap(({ bytes }) => bytes!)).toString(), `${STORY}<|im_end|>`);
  assert.deepEqual(content[0], {
    token: 'O',
    logprob: -0.5,
    bytes: [79],
    top_logprobs: [
      { token: 'P', logprob: -0.25, bytes: [80] },
      { token: 'O', logprob: -0.5, bytes: [79] },
    ],
  });
  const at = STORY.indexOf('é');
  assert.deepEqual(
    content.slice(at, at + 2).map(({ token, bytes }) => [token, bytes]),
    E_ACUTE.map((byte) => ['\ufffd', [byte]]),
  );
  assert.equal(verifiers[0]!.requests[0]!.logprobs, 2);

  const streamed = [];
  let text = '';
  for await (const chunk of await client.chat.completions.create({ ...body, stream: true })) {
    text += chunk.choices[0]!.delta.content ?? '';
    streamed.push(...(chunk.choices[0]!.logprobs?.content ?? []));
  }
  assert.equal(text, STORY);
  assert.deepEqual(streamed, content);
});

test('chat: without logprobs none are asked for or shown, and top_logprobs may be 0', async (t) => {
  const { client, verifiers } = await gatewayUnderTest(t);
  const { choices } = await client.chat.completions.create({ ...CHAT, logprobs: true });
  assert.deepEqual(choices[0]!.logprobs!.content![0]!.top_logprobs, []);
  assert.equal(verifiers[0]!.requests[0]!.logprobs, 0);
  const plain = await client.chat.completions.create({ ...CHAT, logprobs: false });
  assert.equal(plain.choices[0]!.logprobs, null);
  assert.equal(verifiers[0]!.requests[1]!.logprobs, undefined);
});

test('a stop string is no part of the text, yet its tokens have their entries as they come', async (t) => {
  const { client } = await gatewayUnderTest(t);
  const stop = 'café; it';
  const body = { ...CHAT, logprobs: true, stop };
  const { choices, usage } = await client.chat.completions.create(body);
  const shown = STORY.slice(0, STORY.indexOf(stop));
  assert.equal(choices[0]!.message.content, shown);
  const content = choices[0]!.logprobs!.content!;
  assert.equal(content.length, bytesOf(shown + stop).length);
  assert.equal(content.length, usage!.completion_tokens);
  const sizes = [];
  for await (const chunk of await client.chat.completions.create({ ...body, stream: true }))
    sizes.push(chunk.choices[0]!.logprobs?.content?.length ?? 0);
  // The role, then rounds of three tokens, though the text of the last ones is held back.
  assert.deepEqual(
    sizes,
    [0, ...Array(Math.floor(content.length / 3)).fill(3), content.length % 3].slice(0, sizes.length),
  );
  assert.equal(
    sizes.reduce((a, b) => a + b),
    content.length,
  );
});

test('completions: four arrays that fit the text, echoed or not', async (t) => {
  const { client, verifiers } = await gatewayUnderTest(t);
  const body = { model: 'tiny', prompt: 'Say é', max_tokens: 4, logprobs: 1 };
  const { choices } = await client.completions.create(body);
  const plain = choices[0]!.logprobs!;
  assert.equal(choices[0]!.text, STORY.slice(0, 4));
  assert.deepEqual(plain.tokens, [...STORY.slice(0, 4)]);
  assert.deepEqual(plain.text_offset, [0, 1, 2, 3]);
  assert.deepEqual(plain.token_logprobs, [-0.5, -0.5, -0.5, -0.5]);
  assert.deepEqual(plain.top_logprobs![0], { O: -0.5, P: -0.25 });
  assert.equal(verifiers[0]!.requests[0]!.promptLogprobs, undefined);

  const echoed = (await client.completions.create({ ...body, echo: true })).choices[0]!;
  assert.equal(echoed.text, `Say é${STORY.slice(0, 4)}`);
  const { tokens, token_logprobs, top_logprobs, text_offset } = echoed.logprobs!;
  assert.deepEqual(tokens, [...'Say ', '\ufffd', '\ufffd', ...STORY.slice(0, 4)]);
  assert.deepEqual(text_offset, [0, 1, 2, 3, 4, 4, 5, 6, 7, 8]);
  assert.equal(token_logprobs![0], null);
  assert.equal(top_logprobs![0], null);
  assert.ok(token_logprobs!.slice(1).every((value) => value === -0.5));
});

test('a verifier that leaves out log probabilities is not believed, and a failover keeps them whole', async (t) => {
  const { client, verifiers } = await gatewayUnderTest(t, { numVerifiers: 2 });
  verifiers[0]!.mishaps.push({ kind: 'end', afterRounds: 3 });
  const { choices } = await client.chat.completions.create({ ...CHAT, logprobs: true });
  assert.equal(choices[0]!.logprobs!.content!.length, NUM_TOKENS);
  for (const verifier of verifiers) verifier.hidesLogprobs = true;
  const scored = { model: 'tiny', prompt: 'Say', echo: true, logprobs: 0 };
  await assert.rejects(client.chat.completions.create({ ...CHAT, logprobs: true }), { status: 500 });
  await assert.rejects(client.completions.create(scored), { status: 500 });
});
