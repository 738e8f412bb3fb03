import assert from 'node:assert/strict';
import { test } from 'node:test';
import { chatSchema } from './chat-schema.js';
import { chatGeneration } from './to-generation.js';

const CHAT = { model: 'm', messages: [{ role: 'user', content: 'hi' }] };

function generationOf(fields: object) {
  return chatGeneration(chatSchema.parse({ ...CHAT, ...fields }), undefined);
}

test('every sampling parameter reaches the generation', () => {
  const { sampling, stopTokenIds, ignoreEos, badWords } = generationOf({
    min_p: 0.1,
    typical_p: 0.9,
    frequency_penalty: 0.5,
    presence_penalty: -0.5,
    repetition_penalty: 1.2,
    logit_bias: { 7: -100, 12: 5 },
    allowed_token_ids: [1, 2],
    min_tokens: 3,
    seed: 5,
    stop_token_ids: [9],
    ignore_eos: true,
    bad_words: ['no'],
  });
  assert.deepEqual(sampling, {
    temperature: 1,
    topK: 0,
    topP: 1,
    seed: 5n,
    verification: 'coupled',
    minP: 0.1,
    typicalP: 0.9,
    frequencyPenalty: 0.5,
    presencePenalty: -0.5,
    repetitionPenalty: 1.2,
    logitBias: new Map([
      [7, -100],
      [12, 5],
    ]),
    allowedTokenIds: [1, 2],
    minTokens: 3,
  });
  assert.deepEqual([stopTokenIds, ignoreEos, badWords], [[9], true, ['no']]);
});

test('values that change nothing leave the request plain', () => {
  const { sampling } = generationOf({
    seed: 1,
    min_p: 0,
    typical_p: 1,
    frequency_penalty: 0,
    presence_penalty: null,
    repetition_penalty: 1,
    logit_bias: {},
    min_tokens: 0,
  });
  assert.deepEqual(sampling, { temperature: 1, topK: 0, topP: 1, seed: 1n, verification: 'coupled' });
});

test('a seed asks for the coupled rule, which speculation.verification overrules', () => {
  const modesOf = (fields: object) => {
    const { verification, draftMode } = generationOf(fields).sampling;
    return [verification, draftMode];
  };
  assert.deepEqual(modesOf({ seed: 1 }), ['coupled', undefined]);
  assert.deepEqual(modesOf({ seed: 1, speculation: { verification: 'block' } }), ['block', undefined]);
  assert.deepEqual(modesOf({ speculation: { verification: 'coupled' } }), ['coupled', undefined]);
  assert.deepEqual(modesOf({ seed: 1, speculation: { draft_mode: 'deterministic' } }), [
    'coupled',
    'deterministic',
  ]);
  assert.notEqual(modesOf({})[0], 'coupled');
});

test('values out of range are refused at their field', () => {
  const wrong: Record<string, unknown> = {
    min_p: 1.5,
    typical_p: 0,
    frequency_penalty: 2.5,
    presence_penalty: 'x',
    repetition_penalty: 0,
    logit_bias: { abc: 1 },
    allowed_token_ids: [],
    bad_words: [''],
    min_tokens: -1,
    stop_token_ids: [1.5],
    ignore_eos: 1,
    speculation: { verification: 'exact' },
  };
  for (const [field, value] of Object.entries(wrong)) {
    const result = chatSchema.safeParse({ ...CHAT, [field]: value });
    assert.equal(result.error?.issues[0]?.path[0], field);
  }
});
