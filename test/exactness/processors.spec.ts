// The product's sampling parameters, alone and together, against the naive law: any row, any history, any order of ids.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import {
  type Distribution,
  draftDistribution,
  History,
  processLogits,
  type SamplingParams,
  toDistribution,
} from '#libs/sampling/index.js';
import { arbitraryProcessors } from './arbitrary-processors.js';
import { naiveLaw, naiveLogits } from './naive-law.js';

const VOCAB_SIZE = 9;
const PLAIN: SamplingParams = { temperature: 1, topK: 0, topP: 1, seed: 0n };

const token = fc.nat(VOCAB_SIZE - 1);
const situations = fc.record({
  // Multiples of 1/64: exact ties are common, but none that rounding would decide.
  logits: fc
    .array(
      fc.oneof(
        fc.integer({ min: -4, max: 4 }).map((n) => 64 * n),
        fc.integer({ min: -600, max: 600 }),
      ),
      {
        minLength: VOCAB_SIZE,
        maxLength: VOCAB_SIZE,
      },
    )
    .map((values) => Float32Array.from(values, (value) => value / 64)),
  prompt: fc.array(token, { maxLength: 5 }),
  generated: fc.array(token, { maxLength: 6 }),
  basic: fc.record({
    temperature: fc.constantFrom(0, 0.3, 1, 2.5),
    topK: fc.constantFrom(0, 0, 1, 3, 5, 40),
    topP: fc.constantFrom(1, 1, 0.9012345, 0.5012345),
    seed: fc.constant(0n),
  }),
  processors: arbitraryProcessors({ vocabSize: VOCAB_SIZE, spared: 2 }),
});

const denseOf = ({ ids, weights, mass }: Distribution): number[] => {
  const dense = new Array<number>(VOCAB_SIZE).fill(0);
  weights.forEach((weight, i) => {
    dense[ids === undefined ? i : ids[i]!] = weight / mass;
  });
  return dense;
};

function assertClose(actual: readonly number[], expected: readonly number[], tolerance: number): void {
  for (let i = 0; i < expected.length; i++)
    assert.ok(Math.abs(actual[i]! - expected[i]!) <= tolerance, `${actual} against ${expected}`);
}

function lawOf(
  logits: Float32Array,
  params: SamplingParams,
  prompt: readonly number[],
  generated: readonly number[],
): number[] {
  const history = new History(prompt, prompt.length);
  for (const each of generated) history.push(each);
  return denseOf(toDistribution(processLogits(logits, params, history), params));
}

test('the law agrees with the naive one and sums to 1', () => {
  fc.assert(
    fc.property(situations, ({ logits, prompt, generated, basic, processors }) => {
      const params = { ...basic, ...processors };
      const law = lawOf(logits, params, prompt, generated);
      const rounded = naiveLogits(logits, params, [...prompt, ...generated], prompt.length, Math.fround);
      assertClose(law, naiveLaw(rounded, params), 1e-12);
      assert.ok(Math.abs(law.reduce((sum, each) => sum + each, 0) - 1) < 1e-12);
      assert.ok(law.every((each) => each >= 0));
    }),
    { numRuns: 3000 },
  );
});

test('min-p and typical-p only shrink the support', () => {
  fc.assert(
    fc.property(situations, ({ logits, prompt, generated, basic, processors }) => {
      const { minP, typicalP, ...others } = { ...basic, ...processors };
      const all = lawOf(logits, others, prompt, generated);
      for (const each of [{ minP }, { typicalP }, { minP, typicalP }]) {
        const law = lawOf(logits, { ...others, ...each }, prompt, generated);
        law.forEach((probability, id) => {
          assert.ok(probability === 0 || probability >= all[id]! - 1e-12);
          if (all[id] === 0) assert.equal(probability, 0);
        });
      }
    }),
  );
});

test('a law that is cut by nothing is the same sparse as dense, and in a scratch', () => {
  fc.assert(
    fc.property(situations, ({ logits, basic }) => {
      const params = { ...basic, topK: 0, topP: 1, temperature: 1 };
      const dense = toDistribution(logits, params, 0, new Float64Array(VOCAB_SIZE));
      assert.equal(dense.ids, undefined);
      const sparse = toDistribution(logits, { ...params, minP: 1e-300 });
      assert.equal(sparse.ids!.length, VOCAB_SIZE);
      assert.deepEqual(denseOf(sparse), denseOf(dense));
    }),
  );
});

test('a draft with a reduced head follows the law of the tokens it has', () => {
  const heads = fc.shuffledSubarray([0, 1, 3, 4, 5, 6, 7, 8], { minLength: 0 }).map((ids) => [...ids, 2]);
  fc.assert(
    fc.property(situations, heads, ({ logits, prompt, generated, basic, processors }, head) => {
      const params = { ...basic, ...processors };
      const history = new History([...prompt, ...generated], prompt.length);
      const rowOf = (id: number) => head.indexOf(id);
      const row = Float32Array.from(head, (id) => logits[id]!);
      // Ties go by row, not by id: a draft's law may be any, but the naive one must meet the same rows.
      const distinct = row.map((value, i) => value + i * 1e-3);
      const reduced = processLogits(distinct, params, history, { scratch: new Float32Array(20), rowOf });
      const full = new Float32Array(VOCAB_SIZE).fill(Number.NEGATIVE_INFINITY);
      head.forEach((id, i) => {
        full[id] = distinct[i]!;
      });
      const expected = naiveLogits(full, params, [...prompt, ...generated], prompt.length, Math.fround);
      head.forEach((id, i) => {
        if (expected[id] === Number.NEGATIVE_INFINITY) assert.equal(reduced[i], -3.4028234663852886e38);
        else assert.equal(reduced[i], expected[id]);
      });
      const law = draftDistribution(reduced, params, Uint32Array.from(head));
      assert.ok(Math.abs(law.mass - 1) < 1e-6);
      for (const id of law.ids!) assert.ok(expected[id]! > Number.NEGATIVE_INFINITY);
    }),
  );
});

test('the order is the documented one', () => {
  const probabilities = [0.5, 0.2, 0.15, 0.1, 0.05];
  const row = Float32Array.from(probabilities, Math.log);
  const support = (params: Partial<SamplingParams>) =>
    Array.from(toDistribution(row, { ...PLAIN, ...params }).ids!);
  assert.deepEqual(support({ topK: 3, topP: 0.58 }), [0], 'top-p first would keep [0, 1]');
  assert.deepEqual(support({ topP: 0.8, minP: 0.25 }), [0, 1, 2], 'min-p first would keep [0, 1]');
  assert.deepEqual(support({ typicalP: 0.3 }), [1, 2]);
  assert.deepEqual(support({ minP: 0.35, typicalP: 0.3 }), [0], 'typical-p first would keep [1, 2]');
  assert.deepEqual(support({ temperature: 0.5, minP: 0.15 }), [0, 1], 'min-p first would keep [0, 1, 2, 3]');
});
