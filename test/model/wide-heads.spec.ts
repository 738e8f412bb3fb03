// Heads of 256 dimensions (Gemma-2’s): bitwise the same logits in any chunking, which ONNX Runtime alone does not give them
// (libs/builder/wide-heads.ts). Random weights; what they compute is tested with narrow heads in architectures.spec.ts.
import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import { FixtureModels, logitsOf } from '../support/architecture-fixture.js';
import { widened } from '../support/wide-heads.js';

const models = new FixtureModels();
after(() => models.close());

for (const name of ['qwen3', 'gemma2'] as const) {
  for (const quantisation of ['f32', 'q8'] as const) {
    test(`wide heads of ${name} in ${quantisation} give bitwise the same logits in any chunking`, async () => {
      const model = await models.build({ source: widened(models, name), quantisation });
      const tokens = Array.from({ length: 150 }, (_, i) => (i * 7919 + 13) % 160);
      const whole = await logitsOf(model, tokens);
      for (const chunks of [[1], [2], [5], [31], [63], [64, 2], [65], [1, 9, 2]])
        assert.deepEqual(await logitsOf(model, tokens, chunks), whole, `chunks of ${chunks}`);
      const cache = model.newCache();
      await model.advance(cache, [...tokens.slice(0, 10), 1, 2, 3], 1);
      cache.truncate(10);
      const rest = await model.advance(cache, tokens.slice(10), 140);
      assert.deepEqual(Float32Array.from(rest), whole.subarray(10 * model.headSize), 'after a rollback');
    });
  }
}
