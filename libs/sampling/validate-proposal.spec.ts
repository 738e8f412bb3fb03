import assert from 'node:assert/strict';
import { test } from 'node:test';
import { distributionOf } from './distribution.js';
import { deterministicProposal, EMPTY_PROPOSAL, type Proposal, sampledProposal } from './proposal.js';
import { validateProposal } from './validate-proposal.js';

const LIMITS = { vocabSize: 10, maxTokens: 2 };
const ROW = distributionOf(Uint32Array.of(1, 4), Float32Array.of(0.25, 0.75));
const GOOD = sampledProposal([1, 4], [ROW, ROW]);

test('honest proposals pass', () => {
  for (const proposal of [
    GOOD,
    EMPTY_PROPOSAL,
    sampledProposal([], []),
    { ...EMPTY_PROPOSAL, mode: 'sampled' as const },
    deterministicProposal([9, 0]),
  ])
    assert.equal(validateProposal(proposal, LIMITS), undefined);
});

const LIES: readonly (readonly [string, Partial<Proposal>, RegExp])[] = [
  ['too many tokens', { tokens: Uint32Array.of(1, 4, 4) }, /3 tokens drafted, 2 asked for/],
  ['a token outside the vocabulary', { tokens: Uint32Array.of(1, 10) }, /token 1 is 10/],
  ['an unknown mode', { mode: 'greedy' as never }, /unknown mode greedy/],
  ['a deterministic proposal with rows', { mode: 'deterministic' }, /carries q rows/],
  ['ids and probabilities of different length', { qIds: Uint32Array.of(1) }, /1 q ids but 4/],
  ['too few offsets', { qOffsets: Uint32Array.of(0, 4) }, /2 q offsets for 2 tokens/],
  ['no offsets', { qOffsets: new Uint32Array(0) }, /0 q offsets for 2 tokens/],
  ['offsets that skip entries', { qOffsets: Uint32Array.of(1, 2, 4) }, /do not cover the 4/],
  ['offsets beyond the entries', { qOffsets: Uint32Array.of(0, 2, 400) }, /do not cover the 4/],
  ['decreasing offsets', { qOffsets: Uint32Array.of(0, 5, 4) }, /decrease after row 1/],
  ['an id outside the vocabulary', { qIds: Uint32Array.of(1, 10, 1, 4) }, /row 0: id 10/],
  ['a duplicated id', { qIds: Uint32Array.of(1, 1, 1, 4) }, /row 0: id 1 after 1/],
  ['descending ids', { qIds: Uint32Array.of(4, 1, 1, 4) }, /row 0: id 1 after 4/],
  [
    'NaN',
    { qProbabilities: Float32Array.of(0.25, Number.NaN, 0.25, 0.75) },
    /row 0: probability of id 4 is NaN/,
  ],
  [
    'a negative value',
    { qProbabilities: Float32Array.of(0.25, 0.75, -0.25, 1.25) },
    /row 1: probability of id 1/,
  ],
  [
    'infinity',
    { qProbabilities: Float32Array.of(0.25, Number.POSITIVE_INFINITY, 0.25, 0.75) },
    /sum to Infinity/,
  ],
  [
    'a sum below 1',
    { qProbabilities: Float32Array.of(0.25, 0.74, 0.25, 0.75) },
    /row 0: probabilities sum to/,
  ],
  [
    'a sum above 1',
    { qProbabilities: Float32Array.of(0.25, 0.75, 0.25, 0.76) },
    /row 1: probabilities sum to/,
  ],
  ['a drafted token missing from its row', { tokens: Uint32Array.of(1, 3) }, /row 1: drafted token 3/],
  [
    'a drafted token of probability 0',
    { qProbabilities: Float32Array.of(0, 1, 0.25, 0.75) },
    /row 0: drafted/,
  ],
];

for (const [name, change, reason] of LIES)
  test(`a proposal with ${name} is found out`, () => {
    assert.match(validateProposal({ ...GOOD, ...change }, LIMITS) ?? 'passed', reason);
  });

test('an empty proposal with left-over rows is found out', () => {
  assert.match(validateProposal({ ...GOOD, tokens: new Uint32Array(0) }, LIMITS) ?? '', /3 q offsets for 0/);
});
