// The architecture fixtures with heads of 256 dimensions, as Gemma-2 has.
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { FixtureModels, FixtureName } from './architecture-fixture.js';
import { fixtureTensors } from './architecture-gguf.js';
import { safetensorsBytes } from './checkpoint-bytes.js';
import { randomFloats } from './tiny-checkpoint.js';

const HEAD_DIM = 256;

const WIDENED: Readonly<Record<string, readonly number[]>> = {
  'q_proj.weight': [4 * HEAD_DIM, 32],
  'k_proj.weight': [2 * HEAD_DIM, 32],
  'v_proj.weight': [2 * HEAD_DIM, 32],
  'o_proj.weight': [32, 4 * HEAD_DIM],
  'q_norm.weight': [HEAD_DIM],
  'k_norm.weight': [HEAD_DIM],
};

/** A hub folder: the fixture with wider heads and new weights for them. */
export function widened(models: FixtureModels, name: FixtureName): string {
  const source = models.copy(name, { head_dim: HEAD_DIM, max_position_embeddings: 512 });
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
  writeFileSync(join(source, 'model.safetensors'), safetensorsBytes(tensors));
  return source;
}
