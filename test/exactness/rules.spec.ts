// The product's rules against the naive ones, verdict for verdict: any laws, any drafts, the same coins.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import {
  deterministicProposal,
  keyedRandom,
  type Proposal,
  sampledProposal,
  verifyProposal,
} from '#libs/sampling/index.js';
import { blockRule, lawOf, type Row, ratioRule, sum } from './naive-rules.js';

const NAIVE = { ratio: ratioRule(), block: blockRule() };

const row = fc
  .array(fc.constantFrom(0, 0.02, 0.3, 1, 2.7), { minLength: 4, maxLength: 4 })
  .filter((weights) => sum(weights) > 0);
const rounds = fc.record({
  steps: fc.array(fc.record({ p: row, q: row, pick: fc.nat() }), { maxLength: 8 }),
  bonus: row,
  seed: fc.bigInt({ min: 0n, max: 2n ** 64n - 1n }),
  isDeterministic: fc.boolean(),
});

function proposalOf(
  steps: readonly { readonly q: Row; readonly pick: number }[],
  isDeterministic: boolean,
): Proposal {
  const tokens = steps.map(({ q, pick }) => {
    const possible = [...q.keys()].filter((token) => q[token]! > 0);
    return possible[pick % possible.length]!;
  });
  if (isDeterministic) return deterministicProposal(tokens);
  const rows = steps.map(({ q }) => ({
    ids: Uint32Array.of(0, 1, 2, 3),
    weights: Float32Array.from(q, (weight) => weight / sum(q)),
    mass: 1,
  }));
  return sampledProposal(tokens, rows);
}

for (const verification of ['ratio', 'block'] as const)
  test(`${verification}: the verdict is the naive rule's, and rows are asked for in order, once each`, () => {
    fc.assert(
      fc.property(rounds, ({ steps, bonus, seed, isDeterministic }) => {
        const rows = [...steps.map(({ p }) => p), bonus].map(lawOf);
        const asked: number[] = [];
        const input = {
          row: (i: number) => {
            asked.push(i);
            return rows[i]!;
          },
          proposal: proposalOf(steps, isDeterministic),
          firstPosition: 3,
          sampling: { seed, verification },
          random: keyedRandom(seed, 3),
        };
        const verdict = verifyProposal(input);
        assert.deepEqual(
          asked,
          asked.map((_, i) => i),
        );
        assert.deepEqual(verdict, NAIVE[verification](input));
      }),
      { numRuns: 5000 },
    );
  });
