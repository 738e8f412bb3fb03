// Heads of 256 dimensions (Gemma-2’s): bitwise the same logits in any chunking, which ONNX Runtime alone does not give them
// (libs/builder/wide-heads.ts). Random weights; what they compute is tested with narrow heads in architectures.spec.ts.
import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { FixtureModels, type FixtureName, logitsOf } from '../support/architecture-fixture.js';
import { fixtureTensors } from '../support/architecture-gguf.js';
import { safetensorsBytes } from '../support/checkpoint-bytes.js';
import { randomFloats } from '../support/tiny-checkpoint.js';

const HEAD_DIM = 256;
const models = new FixtureModels();
after(() => models.close());

const WIDENED: Readonly<Record<string, readonly number[]>> = {
  'q_proj.weight': [4 * HEAD_DIM, 32],
  'k_proj.weight': [2 * HEAD_DIM, 32],
  'v_proj.weight': [2 * HEAD_DIM, 32],
  'o_proj.weight': [32, 4 * HEAD_DIM],
  'q_norm.weight': [HEAD_DIM],
  'k_norm.weight': [HEAD_DIM],
};

/** The fixture with wider heads and new weights for them. */
function widened(name: FixtureName): Buffer {
  const tensors = fixtureTensors(name);
  for (const tensor of tensors.keys()) {
    const shape = WIDENED[tensor.replace(/^.*self_attn\./, '')];
    if (shape === undefined) continue;
    const values = randomFloats(
      shape.reduce((a, b) => a * b, 1),
      tensor.length,
    );
    tensors.set(tensor, { shape, values: values.map((value) => value / 3) });
  }
  return safetensorsBytes(tensors);
}

for (const name of ['qwen3', 'gemma2'] as const) {
  for (const quantisation of ['f32', 'q8'] as const) {
    test(`wide heads of ${name} in ${quantisation} give bitwise the same logits in any chunking`, async () => {
      const source = models.copy(name, { head_dim: HEAD_DIM, max_position_embeddings: 512 });
      writeFileSync(join(source, 'model.safetensors'), widened(name));
      const model = await models.build({ source, quantisation });
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
