import assert from 'node:assert/strict';
import { test } from 'node:test';
import { verifyBlock } from './block.js';
import { type Distribution, distributionOf } from './distribution.js';
import { deterministicProposal, EMPTY_PROPOSAL, type Proposal, sampledProposal } from './proposal.js';
import { keyedRandom, Purpose, type RoundRandom } from './random.js';

const dense = (...weights: number[]): Distribution => distributionOf(undefined, Float64Array.from(weights));
const row = (...weights: number[]): Distribution =>
  distributionOf(Uint32Array.from(weights.keys()), Float32Array.from(weights));
const ALMOST_ONE = 1 - 2 ** -53;

function verify(
  rows: readonly Distribution[],
  proposal: Proposal,
  random: RoundRandom,
  asked: number[] = [],
) {
  const rowOf = (i: number) => {
    asked.push(i);
    return rows[i]!;
  };
  return verifyBlock({ row: rowOf, proposal, firstPosition: 5, sampling: { seed: 0n }, random });
}

/** Coins by drafted token, then the draw of the final token. */
const coins =
  (accept: readonly number[], final = 0): RoundRandom =>
  (position, purpose) =>
    purpose === Purpose.ACCEPT ? accept[position - 5]! : final;

const q = row(0.5, 0.5);

test('a prefix is judged by its share: a later likely token makes up for an unlikely one', () => {
  // P_1 = 0.25 / 0.5, P_2 = min(1, 0.5 · 1 / 0.5) = 1: the pair is as likely under the target as under the draft.
  const rows = [dense(0.25, 0.75), dense(1, 0), dense(0, 0, 1)];
  const verdict = verify(rows, sampledProposal([0, 0], [q, q]), coins([ALMOST_ONE, ALMOST_ONE]));
  assert.deepEqual(verdict, { acceptedCount: 2, finalToken: 2 });
});

test('the longest prefix that qualifies is kept, also behind one that does not', () => {
  const rows = [dense(0.25, 0.75), dense(0.5, 0.5), dense(1, 0)];
  const proposal = sampledProposal([0, 0], [q, q]);
  assert.equal(verify(rows, proposal, coins([ALMOST_ONE, 0.4999])).acceptedCount, 2);
  assert.equal(verify(rows, proposal, coins([0, 0.5])).acceptedCount, 0, 'h_1 = 0 where S_1 = 0');
});

test('h_i = S_i / (S_i + 1 − P_i), and the correction follows norm(max(0, P_i · p − q))', () => {
  // P_1 = 0.5; S_1 = max(0, 0.5 · 0.9 − 0.1) = 0.35; h_1 = 0.35 / 0.85; P_2 = 0.5 · 0.1 / 0.9.
  const rows = [dense(0.25, 0.75), dense(0.1, 0.9), dense(1, 0)];
  const proposal = sampledProposal([0, 0], [q, row(0.9, 0.1)]);
  const h = 0.35 / 0.85;
  assert.deepEqual(verify(rows, proposal, coins([h - 1e-6, ALMOST_ONE], ALMOST_ONE)), {
    acceptedCount: 1,
    finalToken: 1,
  });
  assert.equal(verify(rows, proposal, coins([h + 1e-6, ALMOST_ONE])).acceptedCount, 0);
});

test('nothing behind a token that the target forbids is accepted or asked for, even at a draw of 0', () => {
  const asked: number[] = [];
  const rows = [dense(0, 1), dense(1, 0), dense(1, 0)];
  const verdict = verify(rows, sampledProposal([0, 0], [q, q]), coins([0, 0]), asked);
  assert.deepEqual(verdict, { acceptedCount: 0, finalToken: 1 });
  assert.deepEqual(asked, [0]);
});

test('rows that no prefix can be saved by are not asked for', () => {
  // P_1 = 0.1, so P_2 can be 0.1 / 0.9 at most.
  const rows = [dense(0.09, 0.91), dense(1, 0), dense(1, 0)];
  const proposal = sampledProposal([0, 0], [row(0.9, 0.1), row(0.9, 0.1)]);
  for (const [second, expected] of [
    [0.12, [0]],
    [0.11, [0, 1, 2]],
  ] as const) {
    const asked: number[] = [];
    verify(rows, proposal, coins([0.5, second]), asked);
    assert.deepEqual(asked, expected);
  }
});

test('one drafted token is judged as by the rejection rule, and none is plain decoding', () => {
  const rows = [dense(0.25, 0.75), dense(0, 1)];
  assert.equal(verify(rows, sampledProposal([0], [q]), coins([0.4999])).acceptedCount, 1);
  assert.deepEqual(verify(rows, sampledProposal([0], [q]), coins([0.5])), {
    acceptedCount: 0,
    finalToken: 1,
  });
  assert.deepEqual(verify(rows, EMPTY_PROPOSAL, coins([], 0.25)), { acceptedCount: 0, finalToken: 1 });
});

test('a draft that is the target is accepted whole, whatever is drawn', () => {
  const rows = [dense(0.5, 0.5), dense(0.5, 0.5), dense(0.5, 0.5)];
  const verdict = verify(rows, sampledProposal([1, 0], [q, q]), coins([ALMOST_ONE, ALMOST_ONE], ALMOST_ONE));
  assert.deepEqual(verdict, { acceptedCount: 2, finalToken: 1 });
});

test('greedy: accepts the leading argmaxes only and corrects to the next', () => {
  const rows = [dense(0, 1), dense(1, 0), dense(0, 1)];
  for (const u of [0, 0.5, ALMOST_ONE]) {
    assert.deepEqual(verify(rows, deterministicProposal([1, 1]), coins([u, u], u)), {
      acceptedCount: 1,
      finalToken: 0,
    });
    assert.deepEqual(verify(rows, deterministicProposal([1, 0]), coins([u, u], u)), {
      acceptedCount: 2,
      finalToken: 1,
    });
  }
});

test('p and q are only read, and a retry returns the same verdict', () => {
  const rows = [dense(0.2, 0.3, 0.5), dense(0.1, 0.1, 0.8), dense(1, 1, 1)];
  const proposal = sampledProposal([0, 1], [row(0.9, 0.1, 0), row(0.1, 0.9, 0)]);
  const before = structuredClone({ rows, proposal });
  const first = verify(rows, proposal, keyedRandom(99n, 5));
  assert.deepEqual(verify(rows, proposal, keyedRandom(99n, 5)), first);
  assert.deepEqual({ rows, proposal }, before);
});
