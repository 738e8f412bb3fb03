// The target drafting for itself on real weights: whatever layers are skipped, the text is the full model's to the bit,
// so none of the skipped passes' keys and values are left when it verifies.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { GREEDY, type SamplingParams } from '#libs/sampling/index.js';
import { skipMask } from '#libs/tuning/index.js';
import { LayerSkipProposer } from '../../services/verifier/layer-skip.js';
import { ModelPair } from '../support/model-pair.js';
import { familyPrompts } from '../support/prompts.js';

const NUM_LAYERS = 30;
const TOKENS = 24;
const PROMPTS = familyPrompts().filter((_, i) => i % 9 === 0);
const signal = new AbortController().signal;

const middle = Array.from({ length: 10 }, (_, i) => i + 10);
const SETS = {
  'the middle third': { attention: middle, mlp: middle },
  'two MLPs and an attention': { attention: [12], mlp: [8, 20] },
  everything: { attention: range(NUM_LAYERS), mlp: range(NUM_LAYERS) },
};

let pair: ModelPair;
let session = 0;

before(async () => {
  pair = await ModelPair.open();
});
after(() => pair.close());

function range(length: number): number[] {
  return Array.from({ length }, (_, i) => i);
}

function proposerOf(set: { readonly attention: readonly number[]; readonly mlp: readonly number[] }) {
  const mask = skipMask({ numLayers: NUM_LAYERS, attention: [...set.attention], mlp: [...set.mlp] });
  return new LayerSkipProposer(pair.target, mask);
}

function run(text: string, gamma: number, set: keyof typeof SETS, sampling: SamplingParams = GREEDY) {
  return pair.run({
    sessionId: `layer-skip-${session++}`,
    tokens: pair.promptTokens(text),
    maxTokens: TOKENS,
    gamma,
    sampling,
    proposer: proposerOf(SETS[set]),
    logprobs: 1,
  });
}

for (const [name, gammas] of [
  ['the middle third', [4]],
  ['two MLPs and an attention', [3]],
  ['everything', [2]],
] as const)
  test(`greedy text and its log probabilities are the full model's when ${name} are skipped`, async () => {
    let accepted = 0;
    for (const { text } of PROMPTS) {
      const plain = await run(text, 0, name);
      for (const gamma of gammas) {
        const { tokens, logprobs, rounds } = await run(text, gamma, name);
        assert.deepEqual(tokens, plain.tokens, text);
        assert.deepEqual(logprobs, plain.logprobs, text);
        assert.deepEqual(
          rounds.flatMap(({ draftFailure }) => draftFailure ?? []),
          [],
        );
        for (const round of rounds) accepted += round.accepted;
      }
    }
    if (name === 'two MLPs and an attention') assert.ok(accepted > TOKENS, `${accepted} accepted`);
  });

test('sampled coupled text is the text of plain decoding, penalties included', async () => {
  const sampling: SamplingParams = {
    ...GREEDY,
    temperature: 0.8,
    topP: 0.95,
    verification: 'coupled',
    seed: 7n,
    repetitionPenalty: 1.1,
  };
  for (const { text } of PROMPTS) {
    const plain = await run(text, 0, 'two MLPs and an attention', sampling);
    const drafted = await run(text, 3, 'two MLPs and an attention', sampling);
    assert.deepEqual(drafted.tokens, plain.tokens, text);
    assert.ok(drafted.rounds.some((round) => round.drafted > 0));
  }
});

test('a draft cut short leaves the slot as it was', async () => {
  const tokens = pair.promptTokens('A text that no other test reads.').slice(5);
  const sequence = { sessionId: 'cut', tokens, promptLength: tokens.length, sampling: GREEDY };
  const plan = { maxTokens: 8, minConfidence: 0 };
  const proposer = proposerOf(SETS['two MLPs and an attention']);
  // Nothing is known of the text yet.
  assert.equal((await proposer.propose(sequence, plan, signal)).proposal.tokens.length, 0);
  await pair.target.model.advance(
    pair.target.slots.acquire({ key: 'cut', prefixLength: 0, tokens, room: 9 }).cache,
    tokens.slice(0, -1),
    1,
  );
  const controller = new AbortController();
  const cut = proposer.propose(sequence, plan, controller.signal);
  setTimeout(() => controller.abort(new Error('cut')), 15);
  await assert.rejects(cut, /cut/);
  const slot = pair.target.slots.acquire({ key: 'cut', prefixLength: 0, tokens, room: 9 });
  assert.deepEqual([slot.tokens.length, slot.cache.length], [tokens.length, tokens.length - 1]);
  const whole = await proposer.propose(sequence, plan, signal);
  assert.equal(whole.proposal.tokens.length, 8);
});
