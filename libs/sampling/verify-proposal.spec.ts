import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { coupledToken } from './coupled.js';
import { type Distribution, distributionOf, probabilityOf } from './distribution.js';
import type { VerificationMode } from './params.js';
import { deterministicProposal, type Proposal, sampledProposal } from './proposal.js';
import { keyedRandom } from './random.js';
import { verifyProposal } from './verify-proposal.js';

const VOCAB_SIZE = 5;
const MODES: readonly VerificationMode[] = ['ratio', 'block', 'coupled'];

const law = fc
  .array(fc.oneof(fc.constant(0), fc.double({ min: 1e-9, max: 1, noNaN: true })), {
    minLength: VOCAB_SIZE,
    maxLength: VOCAB_SIZE,
  })
  .filter((weights) => weights.some((weight) => weight > 0));
const steps = fc.array(fc.record({ p: law, q: law, pick: fc.nat() }), { minLength: 1, maxLength: 6 });
const rounds = fc.record({
  steps,
  bonus: law,
  seed: fc.bigInt({ min: 0n, max: 2n ** 64n - 1n }),
  position: fc.nat(1000),
  isDeterministic: fc.boolean(),
  isSparse: fc.boolean(),
});
type Round = typeof rounds extends fc.Arbitrary<infer R> ? R : never;

function rowsOf({ steps: each, bonus, isSparse }: Round): Distribution[] {
  return [...each.map(({ p }) => p), bonus].map((weights) => {
    if (!isSparse) return distributionOf(undefined, Float64Array.from(weights));
    const ids = [...weights.keys()].filter((id) => weights[id]! > 0);
    return distributionOf(
      Uint32Array.from(ids),
      Float64Array.from(ids, (id) => weights[id]!),
    );
  });
}

/** Drafted tokens have a probability under q, as validateProposal sees to; under p they may have none. */
function proposalOf({ steps: each, isDeterministic }: Round): Proposal {
  const sum = (row: readonly number[]) => row.reduce((total, weight) => total + weight, 0);
  const rows = each.map(({ q }) =>
    distributionOf(
      Uint32Array.from(q.keys()),
      Float32Array.from(q, (weight) => weight / sum(q)),
    ),
  );
  const tokens = each.map(({ pick }, i) => {
    const possible = [...rows[i]!.weights.keys()].filter((id) => rows[i]!.weights[id]! > 0);
    return possible[pick % possible.length]!;
  });
  return isDeterministic ? deterministicProposal(tokens) : sampledProposal(tokens, rows);
}

test('no mode accepts or draws a token that the target gives no probability', () => {
  fc.assert(
    fc.property(rounds, fc.constantFrom(...MODES), (round, verification) => {
      const rows = rowsOf(round);
      const proposal = proposalOf(round);
      const { seed, position } = round;
      const { acceptedCount, finalToken } = verifyProposal({
        row: (i) => rows[i]!,
        proposal,
        firstPosition: position,
        sampling: { seed, verification },
        random: keyedRandom(seed, position),
      });
      for (let i = 0; i < acceptedCount; i++) assert.ok(probabilityOf(rows[i]!, proposal.tokens[i]!) > 0);
      assert.ok(probabilityOf(rows[acceptedCount]!, finalToken) > 0);
    }),
    { numRuns: 3000 },
  );
});

test('coupled: what is committed is what the target chooses at each position by itself', () => {
  fc.assert(
    fc.property(rounds, (round) => {
      const rows = rowsOf(round);
      const proposal = proposalOf(round);
      const { seed, position } = round;
      const { acceptedCount, finalToken } = verifyProposal({
        row: (i) => rows[i]!,
        proposal,
        firstPosition: position,
        sampling: { seed, verification: 'coupled' },
        random: () => assert.fail('needs no coin of the round'),
      });
      const committed = [...proposal.tokens.subarray(0, acceptedCount), finalToken];
      committed.forEach((token, i) => {
        assert.equal(token, coupledToken(rows[i]!, seed, position + i));
      });
      if (acceptedCount < proposal.tokens.length) assert.notEqual(finalToken, proposal.tokens[acceptedCount]);
    }),
  );
});

test('without a mode the rejection rule judges', () => {
  fc.assert(
    fc.property(rounds, (round) => {
      const rows = rowsOf(round);
      const { seed, position } = round;
      const verdictBy = (verification: VerificationMode | undefined) =>
        verifyProposal({
          row: (i) => rows[i]!,
          proposal: proposalOf(round),
          firstPosition: position,
          sampling: { seed, verification },
          random: keyedRandom(seed, position),
        });
      assert.deepEqual(verdictBy(undefined), verdictBy('ratio'));
    }),
  );
});
