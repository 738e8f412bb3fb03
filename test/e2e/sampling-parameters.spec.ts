// Parameters that change the target's law, on real weights: speculation honours them token by token, and what they
// forbid never appears.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { familyPrompts } from '../support/prompts.js';
import { startTestStack, type TestStack } from '../support/test-stack.js';

const MODEL = 'smollm2-135m-instruct';
const PROMPTS = familyPrompts().filter((_, i) => i % 6 === 0);

let stack: TestStack;
before(async () => {
  stack = await startTestStack();
});
after(() => stack.stop());

interface Answer {
  readonly choices: readonly [
    { readonly message: { readonly content: string }; readonly finish_reason: string },
  ];
  readonly usage: { readonly completion_tokens: number };
  readonly metrics: { readonly speculative_decoding: { readonly num_accepted_draft_tokens: number } };
  readonly error?: { readonly message: string; readonly param: string };
}

async function ask(content: string, fields: object): Promise<{ status: number; answer: Answer }> {
  const response = await fetch(`${stack.url}/v1/chat/completions`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({
      model: MODEL,
      messages: [{ role: 'user', content }],
      max_tokens: 40,
      temperature: 0,
      ...fields,
    }),
  });
  return { status: response.status, answer: (await response.json()) as Answer };
}

const CASES: Record<string, object> = {
  'frequency and presence penalties': { frequency_penalty: 0.8, presence_penalty: 0.4 },
  'a repetition penalty': { repetition_penalty: 1.3 },
  'a logit bias': { logit_bias: { 28: -100, 30: -100, 260: 4 } },
  'bad words': { bad_words: ['the', 'is', 'a'] },
  'minimum tokens without an end token': { min_tokens: 40 },
  'min-p and typical-p, greedy all the same': { min_p: 0.2, typical_p: 0.8 },
};

for (const [name, fields] of Object.entries(CASES)) {
  test(`greedy with ${name}: speculation gives the tokens of plain decoding`, async () => {
    let accepted = 0;
    for (const { text } of PROMPTS) {
      const { answer: plain } = await ask(text, { ...fields, speculation: { enabled: false } });
      const { answer: drafted } = await ask(text, { ...fields, speculation: { num_speculative_tokens: 4 } });
      assert.equal(drafted.choices[0].message.content, plain.choices[0].message.content, text);
      assert.equal(drafted.usage.completion_tokens, plain.usage.completion_tokens);
      accepted += drafted.metrics.speculative_decoding.num_accepted_draft_tokens;
    }
    assert.ok(accepted > 0, 'no draft was ever accepted');
  });
}

test('bad words never appear, whatever the temperature', async () => {
  for (const { text } of PROMPTS) {
    const { answer } = await ask(text, { temperature: 1, seed: 3, bad_words: ['the'] });
    assert.doesNotMatch(answer.choices[0].message.content, /\bthe\b/);
  }
});

test('ignore_eos and min_tokens go on past the end, stop_token_ids end the text', async () => {
  const short = 'Answer with one word: what colour is grass?';
  const { answer: on } = await ask(short, { ignore_eos: true, max_tokens: 30 });
  assert.deepEqual([on.usage.completion_tokens, on.choices[0].finish_reason], [30, 'length']);
  // Token 30 is a full stop in this vocabulary.
  const { answer: stopped } = await ask('Write a long story about a river.', {
    stop_token_ids: [30],
    max_tokens: 200,
  });
  assert.equal(stopped.choices[0].finish_reason, 'stop');
  assert.match(stopped.choices[0].message.content, /^[^.]*\.$/);
});

test('only allowed tokens appear, and a contradiction is refused', async () => {
  const { answer } = await ask('Say anything.', { allowed_token_ids: [28, 30], max_tokens: 5 });
  assert.match(answer.choices[0].message.content, /^[,.]+$/);
  const refused = await ask('Say anything.', { allowed_token_ids: [28], logit_bias: { 99999: 1 } });
  assert.equal(refused.status, 400);
  assert.equal(refused.answer.error?.param, 'logit_bias');
});
