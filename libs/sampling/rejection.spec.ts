import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type Distribution, distributionOf, oneHot, probabilityOf } from './distribution.js';
import { deterministicProposal, EMPTY_PROPOSAL, type Proposal, sampledProposal } from './proposal.js';
import { keyedRandom, Purpose, type RoundRandom } from './random.js';
import { orElse, residual, verifyRatio } from './rejection.js';

const dense = (...weights: number[]): Distribution => distributionOf(undefined, Float64Array.from(weights));
const sparse = (entries: Record<number, number>): Distribution =>
  distributionOf(Uint32Array.from(Object.keys(entries), Number), Float32Array.from(Object.values(entries)));
const verify = (rows: Distribution[], proposal: Proposal, random: RoundRandom) =>
  verifyRatio({ row: (i) => rows[i]!, proposal, firstPosition: 5, sampling: { seed: 0n }, random });
const always =
  (accept: number, resample = 0): RoundRandom =>
  (_, purpose) =>
    purpose === Purpose.ACCEPT ? accept : resample;
const ALMOST_ONE = 1 - 2 ** -53;

test('accepts every token the target likes at least as much as the draft, then draws the bonus from p', () => {
  const q = sparse({ 0: 0.5, 1: 0.5 });
  const rows = [dense(0.5, 0.5, 0), dense(0.6, 0.4, 0), dense(0, 0, 1)];
  const verdict = verify(rows, sampledProposal([1, 0], [q, q]), always(ALMOST_ONE));
  assert.deepEqual(verdict, { acceptedCount: 2, finalToken: 2 });
});

test('a token the target forbids is rejected even at a draw of 0', () => {
  const verdict = verify([dense(0, 1)], sampledProposal([0], [sparse({ 0: 1 })]), always(0));
  assert.deepEqual(verdict, { acceptedCount: 0, finalToken: 1 });
});

test('accepts with probability p / q exactly', () => {
  const q = sparse({ 0: 1 });
  const rows = [dense(0.25, 0.75), dense(1, 0)];
  assert.equal(verify(rows, sampledProposal([0], [q]), always(0.2499)).acceptedCount, 1);
  assert.equal(verify(rows, sampledProposal([0], [q]), always(0.25)).acceptedCount, 0);
});

test('target rows after the first rejection are not asked for', () => {
  const asked: number[] = [];
  verifyRatio({
    row: (i) => {
      asked.push(i);
      return i === 1 ? dense(0, 1) : dense(1, 0);
    },
    proposal: deterministicProposal([0, 0, 0, 0]),
    firstPosition: 0,
    sampling: { seed: 1n },
    random: keyedRandom(1n, 0),
  });
  assert.deepEqual(asked, [0, 1]);
});

test('draws are keyed by position: ACCEPT at the drafted token, RESAMPLE at the final one, drafts or not', () => {
  const drawn: string[] = [];
  const random: RoundRandom = (position, purpose) => {
    drawn.push(`${purpose === Purpose.ACCEPT ? 'accept' : 'resample'} ${position}`);
    return 0.5;
  };
  verify([dense(1, 0), dense(0, 1)], deterministicProposal([0, 0]), random);
  assert.deepEqual(drawn.splice(0), ['accept 5', 'accept 6', 'resample 6']);
  verify([dense(1, 0), dense(0, 1)], deterministicProposal([0]), random);
  assert.deepEqual(drawn.splice(0), ['accept 5', 'resample 6']);
  verify([dense(1, 0)], EMPTY_PROPOSAL, random);
  assert.deepEqual(drawn, ['resample 5']);
});

test('the residual is the positive part of p − q in either storage, and sums to the rejected mass', () => {
  const q = sparse({ 0: 0.5, 2: 0.5 });
  for (const p of [dense(2, 4, 2, 2), sparse({ 0: 0.2, 1: 0.4, 2: 0.2, 3: 0.2 })]) {
    const left = residual(p, q);
    assert.ok(Math.abs(left.mass / p.mass - 0.6) < 1e-6);
    const expected = [0, 2 / 3, 0, 1 / 3];
    for (let token = 0; token < 4; token++)
      assert.ok(Math.abs(probabilityOf(left, token) - expected[token]!) < 1e-6);
  }
});

test('a residual without mass falls back to p', () => {
  const p = sparse({ 3: 0.25, 4: 0.75 });
  assert.equal(orElse(residual(p, sparse({ 3: 0.25, 4: 0.75 })), p), p);
  assert.equal(residual(oneHot(2), oneHot(2)).mass, 0);
});

test('q may name tokens that p does not know', () => {
  const left = residual(dense(1, 1), sparse({ 1: 0.5, 900: 0.5 }));
  assert.deepEqual([probabilityOf(left, 0), probabilityOf(left, 1)], [1, 0]);
});

test('a deterministic proposal is accepted with the target probability of its token', () => {
  const rows = [dense(0.3, 0.7), dense(1, 0)];
  assert.equal(verify(rows, deterministicProposal([0]), always(0.2999)).acceptedCount, 1);
  assert.deepEqual(verify(rows, deterministicProposal([0]), always(0.3)), {
    acceptedCount: 0,
    finalToken: 1,
  });
});

test('greedy: accepts the argmax only and corrects to it, whatever is drawn', () => {
  const rows = [oneHot(4), oneHot(2), oneHot(7)];
  for (const u of [0, 0.5, ALMOST_ONE]) {
    const random = always(u, u);
    assert.deepEqual(verify(rows, deterministicProposal([4, 3]), random), {
      acceptedCount: 1,
      finalToken: 2,
    });
    const q = sparse({ 2: 0.1, 4: 0.9 });
    assert.deepEqual(verify(rows, sampledProposal([4, 2], [q, q]), random), {
      acceptedCount: 2,
      finalToken: 7,
    });
    assert.deepEqual(verify(rows, sampledProposal([2], [q]), random), { acceptedCount: 0, finalToken: 4 });
  }
});

test('p and q are only read, and a retry returns the same verdict', () => {
  const rows = [dense(0.2, 0.3, 0.5), dense(0.1, 0.1, 0.8)];
  const proposal = sampledProposal([0], [sparse({ 0: 0.9, 1: 0.1 })]);
  const before = structuredClone({ rows, proposal });
  const first = verify(rows, proposal, keyedRandom(99n, 5));
  assert.deepEqual(verify(rows, proposal, keyedRandom(99n, 5)), first);
  assert.deepEqual({ rows, proposal }, before);
});

test('a dense row cannot travel in a proposal', () => {
  assert.throws(() => sampledProposal([0], [dense(1, 1)]), RangeError);
});
