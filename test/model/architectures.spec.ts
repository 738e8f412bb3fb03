// Qwen2, Qwen3 and Gemma-2 graphs against transformers' logits of tiny random checkpoints (test/fixtures/architectures.py),
// and the engine's contract on each: the same tokens give bitwise the same logits, however they were fed.
import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import {
  FIXTURES,
  FixtureModels,
  largestDifference,
  logitsOf,
  readReference,
} from '../support/architecture-fixture.js';

const TOLERANCE = 1e-4;

const models = new FixtureModels();
after(() => models.close());

for (const name of FIXTURES) {
  const { tokens, logits } = readReference(name);
  const sequence = tokens[0]!;

  test(`every float32 logit of ${name} is the reference implementation’s`, async (context) => {
    const model = await models.load(name);
    let worst = 0;
    for (const [i, each] of tokens.entries())
      worst = Math.max(worst, largestDifference(await logitsOf(model, each), logits[i]!));
    context.diagnostic(`largest difference ${worst.toExponential(2)}`);
    assert.ok(worst < TOLERANCE, `off by ${worst}`);
  });

  for (const quantisation of ['f32', 'q8', 'w8', 'q4'] as const) {
    test(`${name} in ${quantisation} gives bitwise the same logits in any chunking and after rollbacks`, async () => {
      const model = await models.load(name, {}, { quantisation });
      const whole = await logitsOf(model, sequence);
      for (const chunks of [[1], [2], [3], [5], [8], [1, 9, 2], [30, 1]])
        assert.deepEqual(await logitsOf(model, sequence, chunks), whole, `chunks of ${chunks}`);
      const cache = model.newCache();
      let start = 0;
      for (const wrong of [1, 3, 8, 20]) {
        const strayed = Array.from({ length: wrong }, (_, i) => 100 + i);
        await model.advance(cache, [...sequence.slice(start, start + 7), ...strayed], 1 + wrong);
        start += 7;
        cache.truncate(start);
      }
      const rest = await model.advance(cache, sequence.slice(start), sequence.length - start);
      assert.deepEqual(Float32Array.from(rest), whole.subarray(start * model.headSize), 'after rollbacks');
    });
  }
}

test('long sequences, past the engine’s chunk, its first cache and any window, are bitwise the same too', async () => {
  const tokens = Array.from({ length: 700 }, (_, i) => (i * 7919 + (i >> 3)) % 160);
  for (const name of FIXTURES) {
    for (const sliding_window of [7, 300]) {
      const config = { max_position_embeddings: 1024, sliding_window };
      const model = await models.load(name, config, { quantisation: 'q8' });
      const whole = Float32Array.from(await model.advance(model.newCache(), tokens, 100));
      const cache = model.newCache();
      for (let start = 0; start < 600; start += 6)
        await model.advance(cache, tokens.slice(start, start + 6), 1);
      const rest = await model.advance(cache, tokens.slice(600), 100);
      assert.deepEqual(Float32Array.from(rest), whole, `${name}, window ${sliding_window}`);
      if (name === 'qwen3') break; // has no window
    }
  }
});

test('each number that sets a family apart shows in the logits', async () => {
  const changes = [
    ['gemma2', { attn_logit_softcapping: null }],
    ['gemma2', { final_logit_softcapping: null }],
    ['gemma2', { query_pre_attn_scalar: 16 }],
    ['gemma2', { sliding_window: 8 }],
    ['gemma2', { layer_types: new Array(4).fill('full_attention') }],
    ['gemma2', { dtype: 'bfloat16' }],
    ['qwen2', { sliding_window: 8 }],
    ['qwen2', { use_sliding_window: false, layer_types: null }],
    ['qwen2', { max_window_layers: 2, layer_types: null }],
  ] as const;
  for (const [name, change] of changes) {
    const { tokens, logits } = readReference(name);
    const changed = await logitsOf(await models.load(name, change), tokens[0]!);
    const difference = largestDifference(changed, logits[0]!);
    assert.ok(difference > 10 * TOLERANCE, `${name} ${JSON.stringify(change)}: ${difference}`);
  }
});

test('where config.json is silent, the layers’ windows are those of the reference', async () => {
  for (const name of ['qwen2', 'gemma2'] as const) {
    const { tokens, logits } = readReference(name);
    const model = await models.load(name, { layer_types: null });
    assert.ok(largestDifference(await logitsOf(model, tokens[0]!), logits[0]!) < TOLERANCE, name);
  }
});
