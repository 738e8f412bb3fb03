// What a seed promises. Always: a retried round gives the same verdict, and the same seed, draft and gammas give the
// same tokens. Without a draft: the same tokens however the generation is split over verifiers. Not promised by ratio and
// block: equal tokens with another draft, another gamma or a failure between; the law alone is the same then. Coupled
// promises that too: coupled.spec.ts
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ConstantGamma, decode, type Proposer } from '#libs/speculative/index.js';
import { closeDraft, PLAIN, randomTarget, unreliable } from './cast.js';
import { toyProposer, toyVerifier } from './toy-ports.js';

const target = randomTarget(6, 1);
const plainVerifier = toyVerifier(target, { ...PLAIN, seed: 0n });
const drafting = toyProposer(closeDraft(target, 2), { ...PLAIN, seed: 0n });

async function generate(
  seed: bigint,
  proposer?: Proposer,
  prompt: readonly number[] = [0, 1],
  maxTokens = 40,
  verifier = plainVerifier,
): Promise<number[]> {
  const request = { sessionId: 's', promptTokens: prompt, contextLength: 1000, vocabSize: 6, maxTokens };
  const sampling = { ...PLAIN, seed };
  const ports = { verifier, proposer, gamma: new ConstantGamma(4), draftDeadlineMs: 1000, now: () => 0 };
  const generated: number[] = [];
  const { signal } = new AbortController();
  for await (const round of decode({ ...request, sampling, stopTokenIds: new Set() }, ports, signal))
    generated.push(...round.tokens);
  return generated;
}

test('the same seed and draft give the same tokens, another seed others', async () => {
  for (const proposer of [undefined, drafting, unreliable(drafting, 0.5)]) {
    const tokens = await generate(7n, proposer);
    assert.equal(tokens.length, 40);
    assert.deepEqual(await generate(7n, proposer), tokens);
    assert.notDeepEqual(await generate(8n, proposer), tokens);
  }
});

test('without a draft, a generation resumed from its committed tokens continues as if nothing had happened', async () => {
  const whole = await generate(9n);
  for (const cut of [1, 17, 39]) {
    const committed = whole.slice(0, cut);
    const rest = await generate(9n, undefined, [0, 1, ...committed], 40 - cut);
    assert.deepEqual([...committed, ...rest], whole);
  }
});

test('that holds with penalties too, as long as the prompt keeps the length the client gave it', async () => {
  const penalties = { frequencyPenalty: 0.7, presencePenalty: 0.3, repetitionPenalty: 1.3, minTokens: 25 };
  const params = { ...PLAIN, ...penalties, stopTokenIds: [3], seed: 0n };
  const whole = await generate(9n, undefined, [0, 1], 40, toyVerifier(target, params, { promptLength: 2 }));
  const committed = whole.slice(0, 17);
  const resume = (promptLength: number) =>
    generate(9n, undefined, [0, 1, ...committed], 23, toyVerifier(target, params, { promptLength }));
  assert.deepEqual([...committed, ...(await resume(2))], whole);
  assert.notDeepEqual([...committed, ...(await resume(19))], whole);
});

test('a draft that always fails gives the tokens of a generation without one', async () => {
  const broken: Proposer = { propose: () => Promise.reject(new Error('down')) };
  assert.deepEqual(await generate(11n, broken), await generate(11n));
});

test('a verification that is asked again gives the same verdict', async () => {
  const sequence = {
    sessionId: 's',
    tokens: [0, 1, 4, 2],
    promptLength: 4,
    sampling: { ...PLAIN, seed: 5n },
  };
  const { signal } = new AbortController();
  const { proposal } = await drafting.propose(sequence, { maxTokens: 4, minConfidence: 0 }, signal);
  const { verdict } = await plainVerifier.verify(sequence, proposal, signal);
  for (let i = 0; i < 3; i++)
    assert.deepEqual((await plainVerifier.verify(sequence, proposal, signal)).verdict, verdict);
});
