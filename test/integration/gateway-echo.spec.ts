// The prompt in the answer, its log probabilities, and what of the text shows.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { gatewayUnderTest, STORY } from '../support/gateway-harness.js';
import { bytesOf, IM_END } from '../support/tiny-model-folder.js';

const CHAT = { model: 'tiny', messages: [{ role: 'user' as const, content: 'Hello' }] };

test('echo streams the prompt first, of every choice, with the one reading of its log probabilities', async (t) => {
  const { client, verifiers } = await gatewayUnderTest(t);
  const body = { model: 'tiny', prompt: 'Say', max_tokens: 5, logprobs: 0, echo: true, n: 3 };
  const whole = await client.completions.create(body);
  assert.deepEqual(
    verifiers[0]!.requests.map(({ promptLogprobs }) => promptLogprobs),
    [0, undefined, undefined],
  );
  const texts = ['', '', ''];
  const offsets: number[][] = [[], [], []];
  for await (const { choices } of await client.completions.create({ ...body, stream: true }))
    for (const { index, text, logprobs } of choices) {
      texts[index] += text;
      offsets[index]!.push(...(logprobs?.text_offset ?? []));
    }
  assert.deepEqual(texts, Array(3).fill(`Say${STORY.slice(0, 5)}`));
  assert.deepEqual(
    whole.choices.map(({ text }) => text),
    texts,
  );
  assert.deepEqual(offsets, Array(3).fill([0, 1, 2, 3, 4, 5, 6, 7]));
  assert.deepEqual(
    whole.choices.map(({ logprobs }) => logprobs!.text_offset),
    offsets,
  );
});

test('max_tokens 0 with echo scores a text and generates nothing', async (t) => {
  const { client } = await gatewayUnderTest(t);
  const body = { model: 'tiny', prompt: ['Say', 'a'], max_tokens: 0, echo: true, logprobs: 1 };
  const { choices, usage } = await client.completions.create(body);
  assert.deepEqual(
    choices.map(({ text, finish_reason }) => [text, finish_reason]),
    [
      ['Say', 'length'],
      ['a', 'length'],
    ],
  );
  assert.deepEqual(choices[0]!.logprobs!.token_logprobs, [null, -0.5, -0.5]);
  assert.deepEqual(choices[1]!.logprobs!.tokens, []);
  assert.equal(usage!.completion_tokens, 0);
});

test('prompt_logprobs: of each choice in completions, of the answer in chats', async (t) => {
  const { client } = await gatewayUnderTest(t);
  const body = { model: 'tiny', prompt: 'Sa', max_tokens: 1, ...({ prompt_logprobs: 1 } as object) };
  const [s, a] = bytesOf('Sa') as [number, number];
  assert.ok(s > 0);
  const expected = {
    [a]: { logprob: -0.5, rank: null, decoded_token: 'a' },
    [a + 1]: { logprob: -0.25, rank: 1, decoded_token: 'b' },
  };
  const { choices } = await client.completions.create(body);
  assert.deepEqual((choices[0] as unknown as { prompt_logprobs: unknown }).prompt_logprobs, [null, expected]);
  assert.equal(choices[0]!.text, 'O');
  const chat = await client.chat.completions.create({ ...CHAT, ...({ prompt_logprobs: 0 } as object) });
  const { prompt_logprobs: ofChat } = chat as unknown as { prompt_logprobs: unknown[] };
  assert.equal(ofChat.length, chat.usage!.prompt_tokens);
  assert.equal(ofChat[0], null);
});

test('what ended the text shows where that is asked for, and so do special tokens', async (t) => {
  const { client, verifiers } = await gatewayUnderTest(t);
  const contentOf = async (fields: object) =>
    (await client.chat.completions.create({ ...CHAT, ...fields })).choices[0]!.message.content;
  const stop = 'by the sea';
  const before = STORY.slice(0, STORY.indexOf(stop));
  assert.equal(await contentOf({ stop }), before);
  assert.equal(await contentOf({ stop, include_stop_str_in_output: true }), before + stop);
  assert.equal(await contentOf({ skip_special_tokens: false }), STORY);
  const both = { skip_special_tokens: false, include_stop_str_in_output: true };
  assert.equal(await contentOf(both), `${STORY}<|im_end|>`);
  verifiers[0]!.script = [...bytesOf('a'), IM_END, ...bytesOf('b'), IM_END];
  assert.equal(await contentOf({ ignore_eos: true }), 'ab');
  assert.equal(await contentOf({ ignore_eos: true, skip_special_tokens: false }), 'a<|im_end|>b<|im_end|>');
});
