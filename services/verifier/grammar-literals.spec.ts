import assert from 'node:assert/strict';
import { test } from 'node:test';
import { GrammarFollower, packVocabulary } from '#libs/grammar/index.js';
import { deterministicProposal, GREEDY, type Proposal, sampledProposal } from '#libs/sampling/index.js';
import type { Sequence } from '#libs/speculative/index.js';
import { GrammarLiterals } from './grammar-literals.js';

const TEXTS = ['n', 'a', 'na', '"', 'x'];
const bytes = TEXTS.map((text) => new TextEncoder().encode(text));
const { literalTokens } = new GrammarFollower({ vocabulary: packVocabulary(bytes, []) });
const PLAN = { maxTokens: 8, minConfidence: 0 };
const { signal } = new AbortController();

function sequenceOf(tokens: number[], cacheSalt?: string): Sequence {
  return { sessionId: 's', tokens, promptLength: 1, sampling: GREEDY, cacheSalt };
}

test('a forced text is asked for once a round, drafted, and its tokens learnt for those who share the salt', async () => {
  const asked: number[] = [];
  const literal = async ({ tokens }: Sequence) => {
    asked.push(tokens.length);
    return tokens.length === 1 ? 'na"' : '';
  };
  const open = () => new GrammarLiterals({ key: 'k', literal }, literalTokens);
  const tokensOf = async (literals: GrammarLiterals, sequence: Sequence) =>
    Array.from((await literals.propose(sequence, PLAN)).proposal.tokens);
  const first = open();
  const source = first.within({ propose: async () => proposing(deterministicProposal([4])) });
  assert.deepEqual(await tokensOf(first, sequenceOf([9], 'a')), [2, 3]);
  assert.equal((await source.propose(sequenceOf([9], 'a'), PLAN, signal)).proposal.tokens.length, 0);
  assert.deepEqual(await tokensOf(first, sequenceOf([9, 0, 1, 3], 'a')), []);
  assert.deepEqual(asked, [1, 4]);
  assert.deepEqual(await tokensOf(open(), sequenceOf([9], 'a')), [0, 1, 3]);
  assert.deepEqual(await tokensOf(open(), sequenceOf([9], 'b')), [2, 3]);
});

function proposing(proposal: Proposal) {
  return { proposal, computeMs: 0, confidences: Array.from(proposal.tokens, () => 0.5) };
}

test('a source is cut where it contradicts a forced text, unless its tokens were drawn', async () => {
  const literals = new GrammarLiterals({ key: 'k2', literal: async () => 'na"' }, literalTokens);
  const law = { ids: Uint32Array.of(0, 4), weights: Float32Array.of(0.5, 0.5), mass: 1 };
  for (const [proposal, length] of [
    [deterministicProposal([0, 1, 4]), 2],
    [deterministicProposal([2, 3, 4]), 3],
    [sampledProposal([0, 4], [law, law]), 2],
  ] as const) {
    const source = literals.within({ propose: async () => proposing(proposal) });
    const answer = await source.propose(sequenceOf([9]), PLAN, signal);
    assert.equal(answer.proposal.tokens.length, length);
    assert.equal(answer.confidences!.length, length);
  }
});

test('a grammar that fails is no failure of the draft', async () => {
  const literal = () => Promise.reject(new Error('gone'));
  const literals = new GrammarLiterals({ key: 'k3', literal }, literalTokens);
  assert.equal((await literals.propose(sequenceOf([9]), PLAN)).proposal.tokens.length, 0);
});
