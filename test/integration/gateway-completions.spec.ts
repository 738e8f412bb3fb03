// POST /v1/completions, /v1/models, parameters and sessions.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { gatewayUnderTest, STORY } from '../support/gateway-harness.js';
import { bytesOf, IM_END, IM_START } from '../support/tiny-model-folder.js';

const CHAT = { model: 'tiny', messages: [{ role: 'user' as const, content: 'Hello' }] };

test('a completion takes a string, an array of one string or token ids, and 16 tokens by default', async (t) => {
  const { client, verifiers } = await gatewayUnderTest(t);
  for (const prompt of ['Say', ['Say'], bytesOf('Say')]) {
    const answer = await client.completions.create({ model: 'tiny', prompt });
    assert.equal(answer.object, 'text_completion');
    assert.match(answer.id, /^cmpl-/);
    assert.deepEqual(answer.choices, [
      { index: 0, text: STORY.slice(0, 16), logprobs: null, finish_reason: 'length' },
    ]);
    assert.equal(answer.usage?.prompt_tokens, 3);
    assert.deepEqual(verifiers[0]!.requests.at(-1)!.tokens, bytesOf('Say'));
  }
});

test('a streamed completion joins to the text', async (t) => {
  const { client } = await gatewayUnderTest(t);
  const stream = await client.completions.create({
    model: 'tiny',
    prompt: 'Say',
    max_tokens: 400,
    stream: true,
  });
  let text = '';
  let reason: string | null = null;
  for await (const { choices } of stream) {
    text += choices[0]!.text;
    reason = choices[0]!.finish_reason;
  }
  assert.equal(text, STORY);
  assert.equal(reason, 'stop');
});

test('models are listed and looked up, and an unknown one is a 404 with its code', async (t) => {
  const { client } = await gatewayUnderTest(t);
  const { data } = await client.models.list();
  const model = {
    id: 'tiny',
    object: 'model',
    created: 1_700_000_000,
    owned_by: 'outrider',
    max_model_len: 512,
  };
  assert.deepEqual(data, [model]);
  assert.deepEqual(await client.models.retrieve('tiny'), model);
  for (const id of ['huge', 'org/huge', '../../etc'])
    await assert.rejects(client.models.retrieve(id), { status: 404, code: 'model_not_found' });
});

test('sampling and speculation reach the verifier; a missing seed is random', async (t) => {
  const { client, verifiers } = await gatewayUnderTest(t);
  const speculation = { enabled: false, num_speculative_tokens: 5, method: 'draft_model' };
  await client.chat.completions.create({
    ...CHAT,
    temperature: 0.7,
    top_p: 0.9,
    ...({ top_k: 40, speculation } as object),
  });
  await client.chat.completions.create({ ...CHAT, ...({ top_k: -1 } as object) });
  const [first, second] = verifiers[0]!.requests;
  assert.deepEqual(
    { ...first!.sampling, seed: undefined, verification: undefined },
    { temperature: 0.7, topK: 40, topP: 0.9, seed: undefined, verification: undefined },
  );
  assert.deepEqual(first!.speculation, { enabled: false, numSpeculativeTokens: 5, method: 'draft_model' });
  assert.deepEqual(
    { ...second!.sampling, seed: undefined, verification: undefined },
    { temperature: 1, topK: 0, topP: 1, seed: undefined, verification: undefined },
  );
  assert.deepEqual(second!.speculation, { enabled: true, numSpeculativeTokens: 0, method: '' });
  assert.notEqual(first!.sampling.seed, second!.sampling.seed);
});

test('the next turn of a conversation finds the session of the first; an explicit id names its own', async (t) => {
  const { client, verifiers } = await gatewayUnderTest(t);
  await client.chat.completions.create(CHAT);
  const turns = [
    ...CHAT.messages,
    { role: 'assistant' as const, content: STORY },
    { role: 'user' as const, content: 'More' },
  ];
  await client.chat.completions.create({ ...CHAT, messages: turns });
  await client.chat.completions.create({ ...CHAT, ...({ session_id: '../mine\r\n' } as object) });
  await client.chat.completions.create(CHAT, { headers: { 'x-session-id': 'header' } });
  const [first, next, explicit, header] = verifiers[0]!.requests.map(({ sessionId }) => sessionId);
  assert.equal(first, next);
  assert.match(first!, /^chat-[0-9a-f]{40}$/);
  assert.match(explicit!, /^client-[0-9a-f]{40}$/);
  assert.match(header!, /^client-[0-9a-f]{40}$/);
  assert.equal(new Set([first, explicit, header]).size, 3);
});

test('unknown fields are ignored and named in a header, however they are spelt', async (t) => {
  const { client } = await gatewayUnderTest(t);
  const body = { ...CHAT, reasoning_effort: 'low', 'x\r\ny': 1, logit_bias: {}, n: 1, tools: [] };
  const { response } = await client.chat.completions.create(body as never).withResponse();
  assert.equal(response.headers.get('x-outrider-ignored-fields'), 'reasoning_effort, ?');
});

test('text parts join, a developer message becomes a system message, and an empty prompt starts from BOS', async (t) => {
  const { client, verifiers } = await gatewayUnderTest(t);
  const content = [
    { type: 'text' as const, text: 'ab' },
    { type: 'text' as const, text: 'c' },
  ];
  await client.chat.completions.create({
    model: 'tiny',
    messages: [
      { role: 'developer', content },
      { role: 'user', content },
    ],
  });
  await client.completions.create({ model: 'tiny', prompt: '' });
  const turn = (role: string, text: string) => [IM_START, ...bytesOf(`${role}\n${text}`)];
  const end = [IM_END, ...bytesOf('\n')];
  assert.deepEqual(verifiers[0]!.requests[0]!.tokens, [
    ...turn('system', 'abc'),
    ...end,
    ...turn('user', 'abc'),
    ...end,
    ...turn('assistant', ''),
  ]);
  assert.deepEqual(verifiers[0]!.requests[1]!.tokens, [IM_START]);
});

test('max_tokens ends the text with length, and characters cut in two show as U+FFFD', async (t) => {
  const { client } = await gatewayUnderTest(t);
  const cut = bytesOf(STORY.slice(0, STORY.indexOf('é'))).length + 1;
  const { choices, usage } = await client.chat.completions.create({
    ...CHAT,
    max_completion_tokens: cut,
    max_tokens: 2,
  });
  assert.equal(choices[0]!.message.content, `${STORY.slice(0, STORY.indexOf('é'))}\ufffd`);
  assert.equal(choices[0]!.finish_reason, 'length');
  assert.equal(usage!.completion_tokens, cut);
});
