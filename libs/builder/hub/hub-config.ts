// config.json and generation_config.json of a hub folder as a CheckpointConfig; refuses what the graph cannot express.
import { join } from 'node:path';
import { type CheckpointConfig, checkConfig } from '../checkpoint.js';
import { damaged, unsupported } from '../damaged.js';
import { type JsonObject, readJsonFile, readOptionalJsonFile } from './json-file.js';

/** `headSize` in config.json names a reduced head (with `head_token_ids` among the tensors). */
export function readHubConfig(folder: string): CheckpointConfig {
  const path = join(folder, 'config.json');
  const json = readJsonFile(path);
  refuseUnsupported(path, json);
  const generation = readOptionalJsonFile(join(folder, 'generation_config.json')) ?? {};
  const eos = generation.eos_token_id ?? json.eos_token_id ?? [];
  const numHeads = json.num_attention_heads;
  return checkConfig(path, {
    name: typeof json._name_or_path === 'string' ? json._name_or_path : null,
    license: null,
    vocabSize: json.vocab_size,
    headSize: json.head_size ?? json.vocab_size,
    hiddenSize: json.hidden_size,
    numLayers: json.num_hidden_layers,
    numHeads,
    numKvHeads: json.num_key_value_heads ?? numHeads,
    headDim: json.head_dim ?? Number(json.hidden_size) / Number(numHeads),
    feedForwardSize: json.intermediate_size,
    contextLength: json.max_position_embeddings,
    ropeTheta: rope(json).rope_theta ?? json.rope_theta ?? 10_000,
    rmsEpsilon: json.rms_norm_eps,
    tiedHead: json.tie_word_embeddings ?? false,
    slidingWindow: json.sliding_window ?? null,
    bosTokenId: json.bos_token_id ?? null,
    eosTokenIds: Array.isArray(eos) ? eos : [eos],
  });
}

/** Newer files say `rope_parameters`, older ones `rope_scaling`. */
function rope(json: JsonObject): JsonObject {
  const value = json.rope_parameters ?? json.rope_scaling ?? {};
  return typeof value === 'object' ? (value as JsonObject) : { rope_type: value };
}

function refuseUnsupported(path: string, json: JsonObject): void {
  if (typeof json.model_type !== 'string') throw damaged(path, 'model_type is missing');
  if (json.model_type !== 'llama') throw unsupported(path, `model_type is ${json.model_type}, not llama`);
  const ropeType = rope(json).rope_type ?? rope(json).type ?? 'default';
  if (ropeType !== 'default') {
    throw unsupported(
      path,
      `it scales its rotary embedding (${JSON.stringify(ropeType)}), which has no graph here`,
    );
  }
  if (!['silu', undefined].includes(json.hidden_act as string | undefined)) {
    throw unsupported(path, `hidden_act is ${JSON.stringify(json.hidden_act)}, not silu`);
  }
  for (const key of ['attention_bias', 'mlp_bias']) {
    if (json[key]) throw unsupported(path, `${key} is set`);
  }
  const partial = json.partial_rotary_factor ?? rope(json).partial_rotary_factor ?? 1;
  if (partial !== 1) throw unsupported(path, `partial_rotary_factor is ${JSON.stringify(partial)}`);
  if (json.quantization_config)
    throw unsupported(path, 'its weights are already quantised (quantization_config)');
}
