// The target drafting for itself on real weights: whatever layers are skipped and whoever decides how much is drafted, the
// text is the full model's to the bit, so none of the skipped passes' keys and values are left when it verifies.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { GREEDY, type SamplingParams } from '#libs/sampling/index.js';
import { controllerOf, type GammaController, GammaLessons } from '#libs/speculative/index.js';
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
  pair = await ModelPair.open({ skipsLayers: true });
});
after(() => pair.close());

function range(length: number): number[] {
  return Array.from({ length }, (_, i) => i);
}

function proposerOf(set: { readonly attention: readonly number[]; readonly mlp: readonly number[] }) {
  const mask = skipMask({ numLayers: NUM_LAYERS, attention: [...set.attention], mlp: [...set.mlp] });
  return new LayerSkipProposer(pair.target, mask);
}

function run(
  text: string,
  gamma: number | GammaController,
  set: keyof typeof SETS,
  sampling: SamplingParams = GREEDY,
) {
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

const plainRuns = new Map<string, ReturnType<typeof run>>();

/** The full model's own, once a prompt. */
function plainRun(text: string): ReturnType<typeof run> {
  const known = plainRuns.get(text) ?? run(text, 0, 'everything');
  plainRuns.set(text, known);
  return known;
}

for (const [name, setting, texts] of [
  ['the middle third', { controller: 'heuristic', maxTokens: 6 }, PROMPTS.slice(0, 2)],
  ['the middle third', { controller: 'draft_exit', maxTokens: 8 }, PROMPTS.slice(2)],
  ['two MLPs and an attention', { controller: 'constant', maxTokens: 3 }, PROMPTS],
  ['two MLPs and an attention', { controller: 'goodput', maxTokens: 5 }, PROMPTS.slice(0, 2)],
  ['two MLPs and an attention', { controller: 'confidence', maxTokens: 6 }, PROMPTS.slice(2)],
  ['everything', { controller: 'constant', maxTokens: 2 }, PROMPTS.slice(1, 3)],
] as const)
  test(`greedy text and its log probabilities are the full model's when ${name} are skipped, ${setting.controller}`, async () => {
    let accepted = 0;
    const lessons = new GammaLessons();
    for (const { text } of texts) {
      const plain = await plainRun(text);
      const { tokens, logprobs, rounds } = await run(text, controllerOf(setting, lessons), name);
      assert.deepEqual(tokens, plain.tokens, text);
      assert.deepEqual(logprobs, plain.logprobs, text);
      assert.deepEqual(
        rounds.flatMap(({ draftFailure }) => draftFailure ?? []),
        [],
      );
      // Goodput may find that it doesn't pay.
      if (setting.controller !== 'goodput') assert.ok(rounds.some(({ drafted }) => drafted > 0));
      for (const round of rounds) accepted += round.accepted;
    }
    if (name === 'two MLPs and an attention' && setting.controller === 'constant')
      assert.ok(accepted > TOKENS, `${accepted} accepted`);
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
