// Log probabilities on the real models: a drafted token's are those that plain decoding gives, bit for bit.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { GREEDY, tokenLogprobs } from '#libs/sampling/index.js';
import { ModelPair, type PairResult } from '../support/model-pair.js';
import { familyPrompts } from '../support/prompts.js';

const NUM_PROMPTS = 12;
const NUM_TOKENS = 16;
const TOP = 5;
const SAMPLING = {
  temperature: 0.9,
  topK: 0,
  topP: 0.95,
  frequencyPenalty: 0.4,
  logitBias: new Map([[198, -5]]),
};

let pair: ModelPair;
let prompts: readonly number[][];
before(async () => {
  pair = await ModelPair.open();
  const texts = familyPrompts();
  const step = Math.floor(texts.length / NUM_PROMPTS);
  prompts = Array.from({ length: NUM_PROMPTS }, (_, i) => pair.promptTokens(texts[i * step]!.text));
});
after(() => pair.close());

const accepted = ({ rounds }: PairResult) => rounds.reduce((sum, round) => sum + round.accepted, 0);

/** What plain decoding thinks of tokens it is forced to take. */
async function forced(prompt: readonly number[], tokens: readonly number[]) {
  const request = { sessionId: 'forced', tokens: [...prompt, ...tokens], maxTokens: 1, gamma: 0 };
  const { rounds } = await pair.run({ ...request, promptLogprobs: TOP });
  return rounds[0]!.promptLogprobs!.slice(prompt.length - 1);
}

test('greedy: the speculative path gives bitwise the logprobs of the plain path', async () => {
  let drafted = 0;
  for (const [i, tokens] of prompts.entries()) {
    const request = { tokens, maxTokens: NUM_TOKENS, logprobs: TOP };
    const plain = await pair.run({ ...request, sessionId: `plain ${i}`, gamma: 0 });
    const speculative = await pair.run({ ...request, sessionId: `drafted ${i}`, gamma: 4 });
    assert.deepEqual(speculative.tokens, plain.tokens);
    assert.deepEqual(speculative.logprobs, plain.logprobs);
    assert.equal(plain.logprobs.length, plain.tokens.length);
    for (const [at, { topIds, topLogprobs, logprob }] of plain.logprobs.entries()) {
      assert.equal(topIds[0], plain.tokens[at]);
      assert.equal(topLogprobs[0], logprob);
    }
    drafted += accepted(speculative);
  }
  assert.ok(drafted > NUM_PROMPTS, `only ${drafted} drafted tokens were accepted`);
});

test('sampled: accepted, correction and bonus tokens carry the target’s raw logprobs, whatever shapes the law', async () => {
  let drafted = 0;
  for (const [i, tokens] of prompts.entries()) {
    const sampling = { ...SAMPLING, seed: BigInt(i) };
    const request = { tokens, sampling, maxTokens: NUM_TOKENS, logprobs: TOP };
    for (const gamma of i < 3 ? [0, 4] : [4]) {
      const result = await pair.run({ ...request, sessionId: `sampled ${gamma} ${i}`, gamma });
      assert.deepEqual(result.logprobs, await forced(tokens, result.tokens));
      drafted += accepted(result);
    }
  }
  assert.ok(drafted > NUM_PROMPTS, `only ${drafted} drafted tokens were accepted`);
});

test('prompt logprobs are those of the prompt fed token by token, over several chunks', async () => {
  const tokens = prompts.flat().slice(0, 100);
  const { model } = pair.target;
  const cache = model.newCache();
  const expected = [];
  for (let i = 0; i + 1 < tokens.length; i++)
    expected.push(tokenLogprobs(await model.advance(cache, [tokens[i]!], 1), tokens[i + 1]!, TOP));
  const request = { sessionId: 'prompt', tokens, maxTokens: 1, gamma: 0, logprobs: TOP };
  const cold = await pair.run({ ...request, promptLogprobs: TOP });
  assert.deepEqual(cold.rounds[0]!.promptLogprobs, expected);
  const warm = await pair.run({ ...request, promptLogprobs: TOP });
  assert.deepEqual(warm.rounds[0]!.promptLogprobs, expected);
  assert.equal(warm.rounds[0]!.cachedTokens, 0);
  assert.deepEqual(warm.tokens, (await pair.run(request)).tokens);
  assert.deepEqual(warm.logprobs, cold.logprobs);
});

test('after a failover the rest of the logprobs comes, and the prompt’s are not sent again', async () => {
  const prompt = prompts[0]!;
  const asked = { logprobs: 0, promptLogprobs: 0 };
  const whole = await pair.run({ sessionId: 'whole', tokens: prompt, maxTokens: 12, gamma: 3, ...asked });
  assert.equal(whole.rounds[0]!.promptLogprobs!.length, prompt.length - 1);
  assert.ok(whole.rounds.slice(1).every((round) => round.promptLogprobs === undefined));
  const tokens = [...prompt, ...whole.tokens.slice(0, 5)];
  const request = { sessionId: 'resumed', tokens, promptLength: prompt.length, maxTokens: 7, gamma: 3 };
  const resumed = await pair.run({ ...request, ...asked });
  assert.ok(resumed.rounds.every((round) => round.promptLogprobs === undefined));
  assert.deepEqual(resumed.logprobs, whole.logprobs.slice(5));
});

test('what a stop token cuts off carries no logprobs, and who asks for none gets none', async () => {
  const request = { tokens: prompts[1]!, maxTokens: NUM_TOKENS, gamma: 6, sampling: GREEDY };
  const none = await pair.run({ ...request, sessionId: 'none' });
  assert.ok(none.rounds.every((round) => !('logprobs' in round) && !('promptLogprobs' in round)));
  for (const stop of none.tokens.slice(2, 12)) {
    const stopped = await pair.run({ ...request, sessionId: 'stop', stopTokenIds: [stop], logprobs: 0 });
    for (const { tokens, logprobs } of stopped.rounds) assert.equal(logprobs!.length, tokens.length);
    assert.equal(stopped.tokens.at(-1), stop);
  }
});
