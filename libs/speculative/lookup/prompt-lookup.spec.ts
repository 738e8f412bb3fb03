import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { GREEDY } from '#libs/sampling/index.js';
import { NgramIndex } from './ngram-index.js';
import { PromptLookup } from './prompt-lookup.js';

const PLAN = { maxTokens: 4, minConfidence: 0 };

async function proposed(lookup: PromptLookup, tokens: readonly number[], plan = PLAN): Promise<number[]> {
  const { proposal } = await lookup.propose(
    { sessionId: 's', tokens, promptLength: tokens.length, sampling: GREEDY },
    plan,
  );
  assert.equal(proposal.mode, 'deterministic');
  return [...proposal.tokens];
}

test('proposes what followed the longest match, and the last one of equals', async () => {
  const range = { min: 1, max: 3 };
  assert.deepEqual(
    await proposed(new PromptLookup(range), [1, 2, 3, 7, 7, 9, 2, 3, 8, 8, 1, 2, 3]),
    [7, 7, 9, 2],
  );
  assert.deepEqual(await proposed(new PromptLookup(range), [5, 6, 1, 5, 6, 2, 5, 6], PLAN), [2, 5, 6, 2]);
});

test('proposes nothing without a match of the shortest length', async () => {
  assert.deepEqual(await proposed(new PromptLookup({ min: 2, max: 4 }), [1, 2, 3, 9, 3]), []);
  assert.deepEqual(await proposed(new PromptLookup(), [1]), []);
});

test('a text that repeats goes on repeating past its own end', async () => {
  assert.deepEqual(
    await proposed(new PromptLookup(), [1, 2, 3, 1, 2, 3, 1, 2], { ...PLAN, maxTokens: 7 }),
    [3, 1, 2, 3, 1, 2, 3],
  );
});

test('an index that grew with the text finds what a scan finds', () => {
  const range = { min: 1, max: 4 };
  fc.assert(
    fc.property(
      fc.array(fc.nat(3), { minLength: 1, maxLength: 60 }),
      fc.integer({ min: 1, max: 9 }),
      (text, step) => {
        const index = new NgramIndex(range);
        const tokens: number[] = [];
        for (const token of text) {
          tokens.push(token);
          if (tokens.length % step !== 0) continue;
          index.extend(tokens);
          assert.deepEqual(index.find(tokens), scanned(tokens, range.max));
        }
      },
    ),
  );
});

function scanned(tokens: readonly number[], max: number): { next: number; length: number } | undefined {
  for (let length = Math.min(max, tokens.length - 1); length >= 1; length--)
    for (let next = tokens.length - 1; next >= length; next--)
      if (tokens.slice(next - length, next).join() === tokens.slice(-length).join()) return { next, length };
  return undefined;
}
