// The names of all tensors that a checkpoint of a configuration may have: another one would be a part of the model that the
// graph leaves out.
import type { Architecture } from './architectures.js';
import type { CheckpointConfig } from './checkpoint.js';

/** Of the layers of a checkpoint: the model's own, or those of the feature draft beside it. */
export type StackName = 'model' | 'feature';

/** What a feature draft has besides layers. */
export const FEATURE_PARTS = {
  fusion: 'feature.fusion.weight',
  embeddingNorm: 'feature.embedding_norm.weight',
  stateNorm: 'feature.state_norm.weight',
  input: 'feature.input.weight',
} as const;

export function expectedTensors(
  { numLayers, featureDraft }: CheckpointConfig,
  architecture: Architecture,
): Set<string> {
  // A tied checkpoint may carry a copy of the head all the same.
  const names = [
    'model.embed_tokens.weight',
    'lm_head.weight',
    ...stackTensors('model', numLayers, architecture),
  ];
  if (featureDraft !== null)
    names.push(
      ...Object.values(FEATURE_PARTS),
      ...stackTensors('feature', featureDraft.numLayers, architecture),
    );
  return new Set(names);
}

function stackTensors(
  name: StackName,
  numLayers: number,
  { qkvBias, headNorms, postNorms }: Architecture,
): string[] {
  const parts = ['input_layernorm.weight', 'post_attention_layernorm.weight'];
  parts.push(...['q', 'k', 'v', 'o'].map((part) => `self_attn.${part}_proj.weight`));
  parts.push(...['gate', 'up', 'down'].map((part) => `mlp.${part}_proj.weight`));
  if (qkvBias) parts.push(...['q', 'k', 'v'].map((part) => `self_attn.${part}_proj.bias`));
  if (headNorms) parts.push(...['q', 'k'].map((part) => `self_attn.${part}_norm.weight`));
  if (postNorms) parts.push('pre_feedforward_layernorm.weight', 'post_feedforward_layernorm.weight');
  const layers = Array.from({ length: numLayers }, (_, i) =>
    parts.map((part) => `${name}.layers.${i}.${part}`),
  );
  return [`${name}.norm.weight`, ...layers.flat()];
}
