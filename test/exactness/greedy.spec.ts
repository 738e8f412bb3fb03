// At temperature 0 there is no law to test, only one right answer: the target's argmax chain, token for token, after
// bias, forbidden tokens and penalties.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { GREEDY, type SamplingParams } from '#libs/sampling/index.js';
import { ConstantGamma, decode, HeuristicGamma } from '#libs/speculative/index.js';
import { arbitraryProcessors } from './arbitrary-processors.js';
import { closeDraft, randomTarget, unreliable } from './cast.js';
import { naiveLogits } from './naive-law.js';
import { rowIndex, type ToyModel, toyModel } from './toy-models.js';
import { toyProposer, toyVerifier } from './toy-ports.js';

const PROMPT = [0, 1];

function argmaxChain(model: ToyModel, params: SamplingParams, length: number): number[] {
  const tokens = [...PROMPT];
  for (let i = 0; i < length; i++) {
    const logits = model.rows[rowIndex(model, tokens)]!;
    const row = naiveLogits(logits, params, tokens, PROMPT.length, Math.fround);
    tokens.push(row.indexOf(Math.max(...row)));
  }
  return tokens.slice(PROMPT.length);
}

test('greedy output is the argmax chain for every draft, gamma, mode and seed, with failures or without', async () => {
  const situations = fc.record({
    vocabSize: fc.integer({ min: 2, max: 6 }),
    modelSeed: fc.nat(10_000),
    noise: fc.constantFrom(0, 1, 3, 30),
    gamma: fc.integer({ min: 0, max: 8 }),
    minConfidence: fc.constantFrom(0, 0.4),
    isHeuristic: fc.boolean(),
    // A draft at temperature 1 whose tokens meet a greedy target must not matter either.
    draftTemperature: fc.constantFrom(0, 1),
    draftMode: fc.constantFrom('sampled' as const, 'deterministic' as const),
    verification: fc.constantFrom('ratio' as const, 'block' as const, 'coupled' as const),
    draftVerification: fc.constantFrom('ratio' as const, 'coupled' as const),
    failureShare: fc.constantFrom(0.001, 0.5),
    seed: fc.bigInt({ min: 0n, max: (1n << 64n) - 1n }),
    maxTokens: fc.integer({ min: 1, max: 30 }),
    hasTies: fc.boolean(),
    // Token 1 is in every vocabulary and never forbidden.
    processors: fc.oneof(fc.constant({}), arbitraryProcessors({ vocabSize: 6, spared: 1 })),
    draftProcesses: fc.boolean(),
  });
  const property = fc.asyncProperty(situations, async (each) => {
    const smooth = randomTarget(each.vocabSize, each.modelSeed);
    const target = each.hasTies
      ? toyModel(each.vocabSize, 0, (row, token) => Math.round(smooth.rows[row]![token]!))
      : smooth;
    const draft = closeDraft(target, each.modelSeed + 1, each.noise);
    const params = { ...GREEDY, ...each.processors, verification: each.verification };
    const promptLength = PROMPT.length;
    const drafting = toyProposer(
      draft,
      {
        ...(each.draftProcesses ? params : GREEDY),
        temperature: each.draftTemperature,
        draftMode: each.draftMode,
        verification: each.draftVerification,
      },
      { promptLength },
    );
    const { minConfidence } = each;
    const ports = {
      verifier: toyVerifier(target, params, { promptLength }),
      proposer: unreliable(drafting, each.failureShare),
      gamma: each.isHeuristic
        ? new HeuristicGamma({ start: each.gamma, minConfidence })
        : new ConstantGamma(each.gamma, minConfidence),
      draftDeadlineMs: 1000,
      now: () => 0,
    };
    const request = {
      sessionId: 'greedy',
      promptTokens: PROMPT,
      sampling: { ...params, seed: each.seed },
      maxTokens: each.maxTokens,
      contextLength: 1000,
      stopTokenIds: new Set<number>(),
      vocabSize: each.vocabSize,
    };
    const generated: number[] = [];
    for await (const round of decode(request, ports, new AbortController().signal))
      generated.push(...round.tokens);
    assert.deepEqual(generated, argmaxChain(target, params, each.maxTokens));
  });
  await fc.assert(property, { numRuns: 400 });
});
