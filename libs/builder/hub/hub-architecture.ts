// What config.json means for each architecture: the values that the reference implementation takes where the file is silent
// (huggingface.co/docs/transformers, the configuration classes), and what the graph cannot express.
import {
  ARCHITECTURE_NAMES,
  ARCHITECTURES,
  type ArchitectureName,
  isArchitecture,
} from '../architectures.js';
import { perLayer } from '../checkpoint.js';
import { damaged, unsupported } from '../damaged.js';
import type { JsonObject } from './json-file.js';

const QWEN = { hidden_act: 'silu', use_sliding_window: false, sliding_window: 4096, max_window_layers: 28 };

const DEFAULTS: Readonly<Record<ArchitectureName, JsonObject>> = {
  llama: { hidden_act: 'silu' },
  qwen2: QWEN,
  qwen3: { ...QWEN, head_dim: 128 },
  gemma2: {
    hidden_activation: 'gelu_pytorch_tanh',
    head_dim: 256,
    tie_word_embeddings: true,
    query_pre_attn_scalar: 256,
    sliding_window: 4096,
    attn_logit_softcapping: 50,
    final_logit_softcapping: 30,
  },
};

const ACTIVATIONS: Readonly<Record<string, readonly unknown[]>> = {
  silu: ['silu'],
  gelu: ['gelu_pytorch_tanh'],
};

/** The architecture, and the file's values over the defaults; null in the file stays null. */
export function completeHubConfig(path: string, json: JsonObject): [ArchitectureName, JsonObject] {
  const name = json.model_type;
  if (typeof name !== 'string') throw damaged(path, 'model_type is missing');
  if (!isArchitecture(name))
    throw unsupported(path, `model_type is ${name}, not one of ${ARCHITECTURE_NAMES}`);
  const complete = { ...DEFAULTS[name], ...json };
  refuseUnsupported(path, name, complete);
  return [name, complete];
}

/** Newer files say `rope_parameters`, older ones `rope_scaling`. */
export function ropeOf(json: JsonObject): JsonObject {
  const value = json.rope_parameters ?? json.rope_scaling ?? {};
  return typeof value === 'object' ? (value as JsonObject) : { rope_type: value };
}

function refuseUnsupported(path: string, name: ArchitectureName, json: JsonObject): void {
  refuseRope(path, json);
  const { activation } = ARCHITECTURES[name];
  const key = name === 'gemma2' ? 'hidden_activation' : 'hidden_act';
  const known = ACTIVATIONS[activation]!;
  if (!known.includes(json[key]))
    throw unsupported(path, `${key} is ${JSON.stringify(json[key])}, not ${known.join(' or ')}`);
  // Qwen2 has its query, key and value biases without saying so; these would be others, or more.
  for (const flag of ['attention_bias', 'mlp_bias', 'use_bidirectional_attention'])
    if (json[flag]) throw unsupported(path, `${flag} is set`);
  if (json.quantization_config)
    throw unsupported(path, 'its weights are already quantised (quantization_config)');
}

function refuseRope(path: string, json: JsonObject): void {
  const rope = ropeOf(json);
  const type = rope.rope_type ?? rope.type ?? 'default';
  if (type !== 'default') {
    const problem = `it scales its rotary embedding (${JSON.stringify(type)}), which has no graph here`;
    throw unsupported(path, problem);
  }
  // Parameters of single layer types, or sections for other modalities.
  const nested = Object.entries(rope).find(([, value]) => typeof value === 'object' && value !== null);
  if (nested)
    throw unsupported(
      path,
      `its rotary embedding has parts of its own (${nested[0]}), which have no graph here`,
    );
  const partial = json.partial_rotary_factor ?? rope.partial_rotary_factor ?? 1;
  if (partial !== 1) throw unsupported(path, `partial_rotary_factor is ${JSON.stringify(partial)}`);
}

/** `sliding_window` of a Llama checkpoint holds for all layers; the reference has none there, our own drafts have. */
export function slidingWindowsOf(path: string, name: ArchitectureName, json: JsonObject): unknown[] {
  const numLayers = json.num_hidden_layers;
  const window = json.sliding_window ?? null;
  if (name === 'llama') return perLayer(numLayers, () => window);
  const isLocal = layerTypesOf(path, json) ?? ((i: number) => defaultIsLocal(name, json, i));
  const enabled = name === 'gemma2' || Boolean(json.use_sliding_window);
  return perLayer(numLayers, (i) => {
    if (!isLocal(i)) return null;
    if (enabled && window !== null) return window;
    throw damaged(path, `layer ${i} is sliding_attention, but there is no sliding_window`);
  });
}

function defaultIsLocal(name: ArchitectureName, json: JsonObject, layer: number): boolean {
  if (name === 'gemma2') return layer % 2 === 0;
  const { use_sliding_window: used, sliding_window: window, max_window_layers: first } = json;
  return Boolean(used) && (window ?? null) !== null && layer >= Number(first);
}

function layerTypesOf(path: string, json: JsonObject): ((layer: number) => boolean) | null {
  const types = json.layer_types ?? null;
  if (types === null) return null;
  if (!Array.isArray(types) || types.length !== json.num_hidden_layers)
    throw damaged(path, 'layer_types does not name one type for each of num_hidden_layers');
  const strange = types.find((type) => type !== 'sliding_attention' && type !== 'full_attention');
  if (strange !== undefined)
    throw unsupported(path, `layer_types names ${JSON.stringify(strange)}, which has no graph here`);
  return (layer) => types[layer] === 'sliding_attention';
}
