// A tiny random draft checkpoint with a feature draft beside the stand-alone one, for a target as wide as TINY.
import type { TinyTensor } from './checkpoint-bytes.js';
import { randomFloats, TINY, tinyTensors, writeTinyHub } from './tiny-checkpoint.js';

const { hidden_size: hidden } = TINY;

export const FEATURE_DRAFT = { num_hidden_layers: 1, target_layers: [1, 1, 0], target_hidden_size: hidden };
export const FEATURE_WIDTH = FEATURE_DRAFT.target_layers.length * hidden;

/** The tensors of both stacks: the second has other values in the places of the first. */
export function featureDraftTensors(): Map<string, TinyTensor> {
  const tensors = tinyTensors();
  const own: [string, number[]][] = [
    ['feature.fusion.weight', [hidden, FEATURE_WIDTH]],
    ['feature.embedding_norm.weight', [hidden]],
    ['feature.state_norm.weight', [hidden]],
    ['feature.input.weight', [hidden, 2 * hidden]],
    ['feature.norm.weight', [hidden]],
  ];
  for (const [name, { shape }] of tensors)
    if (name.startsWith('model.layers.0.')) own.push([name.replace('model', 'feature'), [...shape]]);
  for (const [i, [name, shape]] of own.entries()) {
    const size = shape.reduce((a, b) => a * b, 1);
    const isNorm = shape.length === 1;
    const values = randomFloats(size, 1000 + i).map((value) => (isNorm ? 1 : 0) + value / 4);
    tensors.set(name, { shape, values });
  }
  return tensors;
}

/** Writes a hub folder; `feature` overrides FEATURE_DRAFT. Returns the folder. */
export function writeTinyFeatureDraft(
  folder: string,
  feature: unknown = FEATURE_DRAFT,
  tensors: ReadonlyMap<string, TinyTensor> = featureDraftTensors(),
): string {
  return writeTinyHub(folder, { feature_draft: feature }, tensors);
}
