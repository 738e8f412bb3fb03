// Several prompts of one request.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { gatewayUnderTest } from '../support/gateway-harness.js';
import { bytesOf } from '../support/tiny-model-folder.js';

test('several prompts are answered at once, n choices each, prompt by prompt', async (t) => {
  const { client, verifiers } = await gatewayUnderTest(t);
  const [verifier] = verifiers;
  verifier!.scriptOf = ({ tokens, requestId }) => bytesOf(`${tokens.length} ${requestId.slice(-1)}`);
  const body = { model: 'tiny', prompt: ['a', 'abc', 'ab'], n: 2, seed: 1 };
  const { choices, usage, id } = await client.completions.create(body);
  assert.match(id, /^cmpl-[0-9a-f]{32}$/);
  assert.deepEqual(
    choices.map(({ index, text }) => [index, text]),
    ['1 0', '1 1', '3 0', '3 1', '2 0', '2 1'].map((text, index) => [index, text]),
  );
  assert.equal(usage!.prompt_tokens, 6);
  assert.equal(usage!.completion_tokens, 18);
  assert.equal(new Set(verifier!.requests.map(({ requestId }) => requestId)).size, 6);
  assert.equal(new Set(verifier!.requests.map(({ sampling }) => sampling.seed)).size, 2);
  const texts = ['', '', ''];
  const prompt = [bytesOf('abc'), bytesOf('ab'), bytesOf('a')];
  for await (const chunk of await client.completions.create({ ...body, n: 1, prompt, stream: true }))
    for (const { index, text } of chunk.choices) texts[index] += text;
  assert.deepEqual(texts, ['3 0', '2 1', '1 2']);
});

test('prompts and choices are capped, and one prompt that is refused refuses all', async (t) => {
  const { client, verifiers, metrics } = await gatewayUnderTest(t);
  const complete = (body: object) => client.completions.create({ model: 'tiny', prompt: 'a', ...body });
  await assert.rejects(complete({ prompt: Array(17).fill('a') }), { status: 400, param: 'prompt' });
  await assert.rejects(complete({ prompt: Array(6).fill('a'), n: 3 }), { status: 400, param: 'n' });
  await assert.rejects(complete({ prompt: [] }), { status: 400, param: 'prompt' });
  await assert.rejects(complete({ prompt: ['a', 'a'.repeat(600)] }), {
    status: 400,
    code: 'context_length_exceeded',
  });
  await assert.rejects(complete({ max_tokens: 0 }), { status: 400, param: 'max_tokens' });
  assert.equal(verifiers[0]!.requests.length, 0);
  assert.match(await metrics.render(), /num_requests_running 0/);
});
