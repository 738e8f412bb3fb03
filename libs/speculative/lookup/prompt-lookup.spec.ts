import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { GREEDY } from '#libs/sampling/index.js';
import { Occurrences } from './occurrences.js';
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
  const lookup = () => new PromptLookup([3, 1]);
  assert.deepEqual(await proposed(lookup(), [1, 2, 3, 7, 7, 9, 2, 3, 8, 8, 1, 2, 3]), [7, 7, 9, 2]);
  assert.deepEqual(await proposed(lookup(), [5, 6, 1, 5, 6, 2, 5, 6]), [2, 5, 6, 2]);
});

test('proposes nothing without a match of the shortest length', async () => {
  assert.deepEqual(await proposed(new PromptLookup([4, 2]), [1, 2, 3, 9, 3]), []);
  assert.deepEqual(await proposed(new PromptLookup(), [1]), []);
});

test('a text that repeats goes on repeating past its own end', async () => {
  assert.deepEqual(
    await proposed(new PromptLookup(), [1, 2, 3, 1, 2, 3, 1, 2], { ...PLAN, maxTokens: 7 }),
    [3, 1, 2, 3, 1, 2, 3],
  );
});

test('a text outgrows the room that it began with', async () => {
  const lookup = new PromptLookup();
  const text = Array.from({ length: 5000 }, (_, i) => i);
  assert.deepEqual(await proposed(lookup, [...text.slice(0, 900), 7, 8]), [9, 10, 11, 12]);
  assert.deepEqual(await proposed(lookup, [...text.slice(0, 900), 7, 8, ...text, 7, 8]), [9, 10, 11, 12]);
});

test('places that grew with the text are those that a scan finds', () => {
  fc.assert(
    fc.property(
      fc.array(fc.nat(3), { minLength: 1, maxLength: 60 }),
      fc.integer({ min: 1, max: 9 }),
      (text, step) => {
        const index = new Occurrences([4, 1], 64);
        const tokens: number[] = [];
        for (const token of text) {
          tokens.push(token);
          if (tokens.length % step !== 0) continue;
          while (index.size < tokens.length) index.append(tokens[index.size]!);
          const found = index.find(tokens).map(({ next, length }) => ({ next, length }));
          assert.deepEqual(found, scanned(tokens, [4, 1]));
        }
      },
    ),
  );
});

/** Newest first. */
function scanned(tokens: readonly number[], lengths: readonly number[]): { next: number; length: number }[] {
  for (const least of lengths) {
    const found: { next: number; length: number }[] = [];
    for (let next = tokens.length - 1; next >= least; next--) {
      let length = 0;
      while (length < next && tokens[next - 1 - length] === tokens[tokens.length - 1 - length]) length++;
      if (length >= least) found.push({ next, length });
    }
    if (found.length > 0) return found;
  }
  return [];
}
