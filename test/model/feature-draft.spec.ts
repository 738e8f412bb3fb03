// A target's features and a feature draft against PyTorch's float32 rows of a tiny random checkpoint
// (test/fixtures/feature-draft.py).
import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import { float16ToNumber } from '#libs/builder/index.js';
import type { Engine, ForwardStats, ReadRows } from '#libs/engine/index.js';
import { FIXTURES, FixtureModels, largestDifference } from '../support/architecture-fixture.js';
import {
  type DraftCase,
  FeatureModels,
  HEAD,
  HIDDEN,
  readFeatureReference,
  shifted,
  WIDTH,
} from '../support/feature-fixture.js';

const TOLERANCE = 1e-4;

const models = new FeatureModels();
after(() => models.close());
const reference = readFeatureReference();
const { tokens, followed } = reference;

/** Tokens in chunks with their features, then one a step with the state of the one before: all logits and states. */
async function draftRows({ model }: Engine, missing: number, chunk = tokens.length) {
  const cache = model.newCache();
  const rows = tokens.length + followed.length;
  const [logits, states] = [new Float32Array(rows * HEAD), new Float32Array(rows * HIDDEN)];
  const features = shifted(reference.features, missing);
  const feed = async (start: number, part: readonly number[], reads: object) => {
    const written = states.subarray(start * HIDDEN, (start + part.length) * HIDDEN);
    const options = { reads, writes: { states: written } };
    logits.set(await model.advance(cache, part, part.length, undefined, options), start * HEAD);
  };
  for (let start = 0; start < tokens.length; start += chunk) {
    const part = tokens.slice(start, start + chunk);
    await feed(start, part, { features: features.subarray(start * WIDTH, (start + part.length) * WIDTH) });
  }
  for (const [i, token] of followed.entries()) {
    const start = tokens.length + i;
    await feed(start, [token], { own: states.slice((start - 1) * HIDDEN, start * HIDDEN) });
  }
  return { logits, states };
}

const worst = (actual: Omit<DraftCase, 'missing'>, expected: DraftCase): number =>
  Math.max(
    largestDifference(actual.logits, expected.logits),
    largestDifference(actual.states, expected.states),
  );

test('features and logits of the target are the reference implementation’s', async () => {
  const { model } = await models.open({ features: true }, { exact: true });
  assert.deepEqual(model.features, { layers: [2, 1, 0], width: WIDTH });
  const features = new Uint16Array(tokens.length * WIDTH);
  const options = { writes: { features } };
  const logits = await model.advance(model.newCache(), tokens, tokens.length, undefined, options);
  assert.ok(largestDifference(logits, reference.logits) < TOLERANCE);
  const [actual, expected] = [features, reference.features].map((halves) =>
    Array.from(halves, float16ToNumber),
  ) as [number[], number[]];
  for (const [i, value] of expected.entries())
    assert.ok(
      Math.abs(actual[i]! - value) < 1e-5 + Math.abs(value) / 1000,
      `${actual[i]} instead of ${value}`,
    );
});

test('targets of every architecture give features, bitwise the same in any chunking', async (context) => {
  const fixtures = new FixtureModels();
  context.after(() => fixtures.close());
  for (const name of FIXTURES) {
    const model = await fixtures.load(name, {}, { quantisation: 'q8', features: true });
    const { width } = model.features!;
    const featuresIn = async (chunk: number) => {
      const [cache, all] = [model.newCache(), new Uint16Array(tokens.length * width)];
      for (let start = 0; start < tokens.length; start += chunk) {
        const part = tokens.slice(start, start + chunk);
        const features = all.subarray(start * width, (start + part.length) * width);
        await model.advance(cache, part, 1, undefined, { writes: { features } });
      }
      return all;
    };
    const whole = await featuresIn(tokens.length);
    for (const chunk of [1, 2, 5]) assert.deepEqual(await featuresIn(chunk), whole, `${name}, ${chunk}`);
  }
});

test('logits and states of the feature draft are the reference implementation’s, whatever features are missing', async (context) => {
  const engine = await models.open({}, { readsFeatures: true });
  for (const each of reference.cases)
    for (const chunk of [tokens.length, 5, 1]) {
      const off = worst(await draftRows(engine, each.missing, chunk), each);
      context.diagnostic(`${each.missing} missing, chunks of ${chunk}: off by ${off.toExponential(1)}`);
      assert.ok(off < TOLERANCE, `off by ${off} with ${each.missing} missing, in chunks of ${chunk}`);
    }
  const [full, late] = reference.cases;
  assert.ok(worst(await draftRows(engine, 0), late!) > 100 * TOLERANCE, 'features make a difference');
  assert.ok(worst(await draftRows(engine, late!.missing), full!) > 100 * TOLERANCE);
});

test('quantised, the feature draft lies near the reference', async () => {
  const engine = await models.open({ quantisation: 'q8' }, { readsFeatures: true });
  for (const each of reference.cases) {
    const { logits } = await draftRows(engine, each.missing);
    const off = logits.reduce((sum, value, i) => sum + Math.abs(value - each.logits[i]!), 0) / logits.length;
    assert.ok(off < 0.1, `off by ${off} on average with ${each.missing} missing`);
  }
});

test('the stand-alone graph of the same folder is what it would be without a feature draft', async () => {
  const { model } = await models.open({});
  const logits = await model.advance(model.newCache(), tokens, tokens.length);
  assert.ok(largestDifference(logits, reference.logits) < TOLERANCE);
});

test('feature drafts of several sessions share forwards, each with bitwise its own logits and states', async () => {
  const options = { exact: true, readsFeatures: true, batching: true };
  const { model, batcher, batchSlots } = await models.open({ quantisation: 'q8', batchSlots: 3 }, options);
  assert.equal(batchSlots, 3);
  const session = async (missing: number, together: Set<number>) => {
    const cache = model.newCache();
    const found: Float32Array[] = [];
    const step = async (part: readonly number[], rows: number, reads: ReadRows) => {
      const states = new Float32Array(rows * HIDDEN);
      const work = { cache, tokens: part, rows, reads, writes: { states } };
      const read = (logits: Float32Array, stats: ForwardStats) => {
        together.add(stats.jobs);
        return logits.slice();
      };
      found.push(await batcher.advance(work, read, new AbortController().signal), states);
      return states.subarray(-HIDDEN);
    };
    let own = await step(tokens, 3, { features: shifted(reference.features, missing) });
    for (const token of followed) own = await step([token], 1, { own });
    return found;
  };
  const numTogether = new Set<number>();
  const together = await Promise.all([0, 5, 14, 3].map((missing) => session(missing, numTogether)));
  assert.ok(numTogether.has(3));
  for (const [i, missing] of [0, 5, 14, 3].entries())
    assert.deepEqual(together[i], await session(missing, new Set()), `${missing} missing`);
});

test('features that are no numbers spoil the rows that read them, and nothing else', async () => {
  for (const quantisation of ['f32', 'q8'] as const) {
    const { model } = await models.open({ quantisation }, { readsFeatures: true });
    const good = shifted(reference.features);
    const run = async (features: Uint16Array) =>
      Float32Array.from(
        await model.advance(model.newCache(), tokens, tokens.length, undefined, { reads: { features } }),
      );
    const expected = await run(good);
    for (const half of [0x7e00, 0x7c00, 0xfc00, 0x7bff, 0xffff]) {
      await run(good.slice().fill(half, 3 * WIDTH));
      await run(good.slice().fill(half));
    }
    assert.deepEqual(await run(good), expected);
  }
});
