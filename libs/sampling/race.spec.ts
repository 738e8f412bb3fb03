import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { type Distribution, distributionOf, probabilityOf } from './distribution.js';
import { leastNoise, noiseOf } from './noise.js';
import { raceWinner } from './race.js';
import { coupledKey } from './random.js';

/** Every token's time, the plain way. */
function slowWinner({ ids, weights }: Distribution, key: Uint32Array): number {
  const times = Array.from(weights, (weight, i) => {
    const id = ids?.[i] ?? i;
    return {
      id,
      at: weight === 0 ? Number.POSITIVE_INFINITY : noiseOf(key, id, leastNoise(key, id >>> 6)) / weight,
    };
  });
  return times.reduce((best, each) =>
    each.at < best.at || (each.at === best.at && each.id < best.id) ? each : best,
  ).id;
}

const weights = fc.array(
  fc.oneof(fc.constant(0), fc.constant(1), fc.double({ min: 1e-30, max: 1, noNaN: true })),
  { minLength: 1, maxLength: 400 },
);
const laws = weights
  .filter((each) => each.some((weight) => weight > 0))
  .map((each) => distributionOf(undefined, Float64Array.from(each)));
const keys = fc
  .tuple(fc.bigInt({ min: 0n, max: 2n ** 64n - 1n }), fc.nat(100_000))
  .map(([seed, position]) => coupledKey(seed, position));

test('the race is won by the token that rings first, whatever the pruning leaves out', () => {
  fc.assert(
    fc.property(laws, keys, (law, key) => {
      assert.equal(raceWinner(law, key), slowWinner(law, key));
    }),
    { numRuns: 2000 },
  );
});

test('dense, sparse and shuffled forms of one law have the same winner, which has a probability', () => {
  fc.assert(
    fc.property(laws, keys, fc.infiniteStream(fc.nat()), (law, key, order) => {
      const winner = raceWinner(law, key);
      assert.ok(probabilityOf(law, winner) > 0);
      const kept = [...law.weights.keys()].filter((id) => law.weights[id]! > 0);
      const rank = new Map(kept.map((id) => [id, order.next().value as number]));
      for (const ids of [kept, [...kept].sort((a, b) => rank.get(a)! - rank.get(b)!)]) {
        const form = distributionOf(
          Uint32Array.from(ids),
          Float64Array.from(ids, (id) => law.weights[id]!),
        );
        assert.equal(raceWinner(form, key), winner);
      }
    }),
  );
});

test('a law without mass cannot be raced', () => {
  assert.throws(
    () => raceWinner(distributionOf(undefined, new Float64Array(3)), coupledKey(1n, 1)),
    RangeError,
  );
});

function chiSquared(counts: ArrayLike<number>, expected: (i: number) => number): number {
  let statistic = 0;
  for (let i = 0; i < counts.length; i++) statistic += (counts[i]! - expected(i)) ** 2 / expected(i);
  return statistic;
}

test('winners follow the law over blocks, within blocks and at the edges', () => {
  const size = 200;
  const law = distributionOf(
    undefined,
    Float64Array.from({ length: size }, (_, i) => 1 + 3 * Math.abs(Math.sin(i))),
  );
  const counts = new Float64Array(size);
  const numDraws = 200_000;
  for (let i = 0; i < numDraws; i++) counts[raceWinner(law, coupledKey(BigInt(i >>> 8), i & 255))]!++;
  const statistic = chiSquared(counts, (i) => probabilityOf(law, i) * numDraws);
  // 99.99 % quantile of chi-squared with 199 degrees of freedom.
  assert.ok(statistic < 281, `chi-squared ${statistic}`);
});

test('winners at neighbouring positions, of neighbouring seeds, are independent', () => {
  const law = distributionOf(undefined, Float64Array.of(1, 2, 3, 4));
  for (const other of [
    (seed: bigint, i: number) => coupledKey(seed, i + 1),
    (seed: bigint, i: number) => coupledKey(seed + 1n, i),
  ]) {
    const counts = new Float64Array(16);
    const numDraws = 100_000;
    for (let i = 0; i < numDraws; i++) {
      const seed = BigInt(2 * (i >>> 6));
      const position = 2 * (i & 63);
      counts[4 * raceWinner(law, coupledKey(seed, position)) + raceWinner(law, other(seed, position))]!++;
    }
    const expected = (i: number) => (numDraws * (1 + (i >>> 2)) * (1 + (i & 3))) / 100;
    // 99.99 % quantile of chi-squared with 15 degrees of freedom.
    assert.ok(chiSquared(counts, expected) < 44.3);
  }
});

test('two laws agree at least as often as shared Gumbel noise promises', () => {
  const p = distributionOf(
    undefined,
    Float64Array.from({ length: 100 }, (_, i) => 1 / (i + 1)),
  );
  const q = distributionOf(
    undefined,
    Float64Array.from({ length: 100 }, (_, i) => (1 + (i % 3) / 2) / (i + 1)),
  );
  let distance = 0;
  for (let i = 0; i < 100; i++) distance += Math.abs(probabilityOf(p, i) - probabilityOf(q, i)) / 2;
  let agreed = 0;
  const numDraws = 20_000;
  for (let i = 0; i < numDraws; i++) {
    const key = coupledKey(3n, i);
    if (raceWinner(p, key) === raceWinner(q, key)) agreed++;
  }
  assert.ok(agreed / numDraws > (1 - distance) / (1 + distance) - 0.02);
});

test('noise of a block is 64 independent exponentials', () => {
  const numBlocks = 4000;
  let sum = 0;
  let squares = 0;
  let products = 0;
  for (let block = 0; block < numBlocks; block++) {
    const key = coupledKey(9n, block);
    const least = leastNoise(key, block);
    let previous = noiseOf(key, 64 * block + 63, least);
    for (let i = 0; i < 64; i++) {
      const noise = noiseOf(key, 64 * block + i, least);
      assert.ok(noise >= least && noise > 0 && Number.isFinite(noise));
      sum += noise;
      squares += noise * noise;
      products += (noise - 1) * (previous - 1);
      previous = noise;
    }
  }
  const count = 64 * numBlocks;
  assert.ok(Math.abs(sum / count - 1) < 4 / Math.sqrt(count));
  assert.ok(Math.abs(squares / count - 2) < (4 * Math.sqrt(20)) / Math.sqrt(count));
  assert.ok(Math.abs(products / count) < 4 / Math.sqrt(count));
});
