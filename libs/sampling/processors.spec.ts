import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { type Distribution, oneHot, probabilityOf } from './distribution.js';
import { GREEDY, type SamplingParams } from './params.js';
import { toDistribution } from './processors.js';

const PLAIN: SamplingParams = { temperature: 1, topK: 0, topP: 1, seed: 0n };

/** Sorts everything: slow, but plainly right. [vocabSize] probabilities. */
function reference(logits: Float32Array, { temperature, topK, topP }: SamplingParams): number[] {
  const order = [...logits.keys()].sort((a, b) => logits[b]! - logits[a]! || a - b);
  const kept = topK > 0 ? order.slice(0, topK) : order;
  const weights = kept.map((id) => Math.exp((logits[id]! - logits[order[0]!]!) / temperature));
  const total = weights.reduce((sum, weight) => sum + weight, 0);
  const nucleus: number[] = [];
  let reached = 0;
  for (let i = 0; i < kept.length && (i === 0 || topP === 1 || reached < topP * total); i++) {
    reached += weights[i]!;
    nucleus.push(weights[i]!);
  }
  const probabilities = new Array<number>(logits.length).fill(0);
  for (let i = 0; i < nucleus.length; i++) probabilities[kept[i]!] = nucleus[i]! / reached;
  return probabilities;
}

const denseOf = (law: Distribution, size: number) =>
  Array.from({ length: size }, (_, token) => probabilityOf(law, token));

function assertClose(actual: number[], expected: number[], tolerance: number): void {
  for (let i = 0; i < expected.length; i++)
    assert.ok(
      Math.abs(actual[i]! - expected[i]!) <= tolerance,
      `entry ${i}: ${actual[i]} against ${expected[i]}`,
    );
}

// Few distinct values, so that ties are common.
const rows = fc
  .array(fc.oneof(fc.integer({ min: -40, max: 40 }), fc.float({ min: -20, max: 20, noNaN: true })), {
    minLength: 1,
    maxLength: 200,
  })
  .map((values) => Float32Array.from(values));
const parameters = fc.record({
  temperature: fc.constantFrom(0.05, 0.7, 1, 2.5),
  topK: fc.constantFrom(0, 1, 2, 7, 50, 1000),
  // Not on a boundary that rounding decides.
  topP: fc.constantFrom(1, 0.9012345, 0.5012345, 0.1012345, 1e-9),
  seed: fc.constant(0n),
});

test('the law agrees with sorting the whole row, for all parameters', () => {
  fc.assert(
    fc.property(rows, parameters, (row, params) => {
      assertClose(denseOf(toDistribution(row, params), row.length), reference(row, params), 1e-12);
    }),
    { numRuns: 600 },
  );
});

test('a large row agrees too, and one very low logit does not disturb it', () => {
  const row = Float32Array.from({ length: 20_000 }, (_, i) => 6 * Math.sin(i * 1.7) + ((i * 7919) % 13) / 3);
  row[5] = -1e30;
  for (const params of [
    { ...PLAIN, topP: 0.9 },
    { ...PLAIN, topK: 50 },
    { ...PLAIN, temperature: 0.6, topK: 400, topP: 0.8 },
  ])
    assertClose(denseOf(toDistribution(row, params), row.length), reference(row, params), 1e-12);
});

test('temperature 0 is a certain choice of the lowest id among the best', () => {
  assert.deepEqual(toDistribution(Float32Array.of(1, 4, 4), GREEDY), oneHot(1));
});

test('a temperature too small to divide by still gives a law', () => {
  const law = toDistribution(Float32Array.of(1, 4, 3), { ...PLAIN, temperature: 1e-310 });
  assert.deepEqual(denseOf(law, 3), [0, 1, 0]);
});

test('sparse ids ascend and a dense law has none', () => {
  const row = Float32Array.from({ length: 300 }, (_, i) => Math.cos(i));
  assert.equal(toDistribution(row, PLAIN).ids, undefined);
  const ids = toDistribution(row, { ...PLAIN, topK: 40 }).ids!;
  assert.equal(ids.length, 40);
  assert.ok(ids.every((id, i) => i === 0 || id > ids[i - 1]!));
});

test('scratch holds the dense law, and a truncated one does not depend on it', () => {
  const scratch = new Float64Array(8);
  const dense = toDistribution(Float32Array.of(1, 2, 3), PLAIN, 0, scratch);
  assert.equal(dense.weights.buffer, scratch.buffer);
  const sparse = toDistribution(Float32Array.of(1, 2, 3), { ...PLAIN, topK: 2 }, 0, scratch);
  assert.notEqual(sparse.weights.buffer, scratch.buffer);
});

test('logits are only read', () => {
  const row = Float32Array.of(3, 1, 2, 0.5);
  const copy = Float32Array.from(row);
  toDistribution(row, { ...PLAIN, temperature: 0.5, topK: 3, topP: 0.9 });
  assert.deepEqual(row, copy);
});

test('a row with NaN is refused by its number', () => {
  assert.throws(() => toDistribution(Float32Array.of(Number.NaN, 1), PLAIN, 4), /Logits row 4 holds NaN/);
});
