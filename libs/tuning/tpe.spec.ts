import assert from 'node:assert/strict';
import { test } from 'node:test';
import { seededRandom } from './seeded-random.js';
import { suggest, type Trial } from './tpe.js';

const NUM_VARIABLES = 40;
type Objective = (bits: Uint8Array) => number;

/** The best value of a search, by a density of ones that goes up and down as that of startup trials does. */
function bestOf(objective: Objective, numTrials: number, seed: number, isRandom: boolean): number {
  const trials: Trial[] = [];
  for (let i = 0; i < numTrials; i++) {
    const random = seededRandom(1000 * seed + i);
    const known = isRandom ? trials.slice(0, i % 10) : trials;
    const bits = suggest(NUM_VARIABLES, known, { random });
    trials.push({ bits, value: objective(bits) });
  }
  return Math.max(...trials.map(({ value }) => value));
}

/** Each variable has a weight of its own, good or bad. */
function linear(seed: number): Objective {
  const random = seededRandom(seed);
  const weights = Array.from({ length: NUM_VARIABLES }, () => random() - 0.5);
  return (bits) => bits.reduce((sum, bit, i) => sum + bit * weights[i]!, 0);
}

/** As layer skipping is: each skipped layer saves as much, and harms acceptance by a factor of its own. */
function skipping(seed: number): Objective {
  const random = seededRandom(seed);
  const harm = Array.from({ length: NUM_VARIABLES }, () => 0.02 + 0.4 * random() ** 3);
  return (bits) => {
    const lost = bits.reduce((sum, bit, i) => sum + bit * harm[i]!, 0);
    const skipped = bits.reduce((sum, bit) => sum + bit, 0);
    return (1 + Math.exp(-lost)) / (2 - (0.8 * skipped) / NUM_VARIABLES);
  };
}

for (const [name, family] of Object.entries({ linear, skipping }))
  for (const numTrials of [40, 120])
    test(`on ${name} functions ${numTrials} trials find more than random ones, at eight of ten seeds at least`, () => {
      let wins = 0;
      for (let seed = 1; seed <= 10; seed++) {
        const objective = family(seed);
        if (bestOf(objective, numTrials, seed, false) > bestOf(objective, numTrials, seed, true)) wins++;
      }
      assert.ok(wins >= 8, `${wins} of 10`);
    });

test('startup trials leave the named variables at 0, the first is sparse, and none comes twice', () => {
  const trials: Trial[] = [];
  for (let i = 0; i < 30; i++) {
    const options = { random: seededRandom(i), startsAtZero: new Set([0, 7]), startupTrials: 10 };
    const bits = suggest(8, trials, options);
    if (i < 10) assert.deepEqual([bits[0], bits[7]], [0, 0]);
    trials.push({ bits, value: -bits.reduce((a, b) => a + b, 0) });
  }
  assert.equal(new Set(trials.map(({ bits }) => bits.join(''))).size, 30);
});

test('an excluded vector is not tried, though it would be the best', () => {
  const trials: Trial[] = [];
  for (let i = 0; i < 40; i++) {
    const bits = suggest(12, trials, { random: seededRandom(i), excluded: [new Uint8Array(12)] });
    assert.ok(bits.includes(1));
    trials.push({ bits, value: -bits.reduce((a, b) => a + b, 0) });
  }
});

test('when everything was tried it still answers, and the same numbers give the same vector', () => {
  const trials = [0, 1, 2, 3].map((n) => ({ bits: Uint8Array.of(n & 1, n >> 1), value: n }));
  assert.equal(suggest(2, trials, { random: seededRandom(1), startupTrials: 2 }).length, 2);
  const vector = (seed: number) => suggest(30, [], { random: seededRandom(seed) });
  assert.deepEqual(vector(5), vector(5));
  assert.notDeepEqual(vector(5), vector(6));
});
