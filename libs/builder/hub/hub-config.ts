// config.json and generation_config.json of a hub folder as a CheckpointConfig.
import { join } from 'node:path';
import type { ArchitectureName } from '../architectures.js';
import { type CheckpointConfig, checkConfig } from '../checkpoint.js';
import { damaged, unsupported } from '../damaged.js';
import { completeHubConfig, ropeOf, slidingWindowsOf } from './hub-architecture.js';
import { type JsonObject, readJsonFile, readOptionalJsonFile } from './json-file.js';

/** `headSize` in config.json names a reduced head (with `head_token_ids` among the tensors). */
export function readHubConfig(folder: string): CheckpointConfig {
  const path = join(folder, 'config.json');
  const [architecture, json] = completeHubConfig(path, readJsonFile(path));
  const generation = readOptionalJsonFile(join(folder, 'generation_config.json')) ?? {};
  const eos = generation.eos_token_id ?? json.eos_token_id ?? [];
  const numHeads = json.num_attention_heads;
  const headDim = json.head_dim ?? Number(json.hidden_size) / Number(numHeads);
  return checkConfig(path, {
    architecture,
    name: typeof json._name_or_path === 'string' ? json._name_or_path : null,
    license: null,
    vocabSize: json.vocab_size,
    headSize: json.head_size ?? json.vocab_size,
    hiddenSize: json.hidden_size,
    numLayers: json.num_hidden_layers,
    numHeads,
    numKvHeads: json.num_key_value_heads ?? numHeads,
    headDim,
    feedForwardSize: json.intermediate_size,
    contextLength: json.max_position_embeddings,
    ropeTheta: ropeOf(json).rope_theta ?? json.rope_theta ?? 10_000,
    rmsEpsilon: json.rms_norm_eps,
    tiedHead: json.tie_word_embeddings ?? false,
    ...scalesOf(architecture, json, headDim),
    slidingWindows: slidingWindowsOf(path, architecture, json),
    featureDraft: featureDraftOf(path, architecture, json),
    bosTokenId: json.bos_token_id ?? null,
    eosTokenIds: Array.isArray(eos) ? eos : [eos],
  });
}

/** The second stack of a draft's checkpoint: see docs/decisions/0023. */
function featureDraftOf(path: string, architecture: ArchitectureName, json: JsonObject) {
  const draft = json.feature_draft ?? null;
  if (draft === null) return null;
  if (typeof draft !== 'object' || Array.isArray(draft))
    throw damaged(path, 'feature_draft is not an object');
  if (architecture !== 'llama')
    throw unsupported(
      path,
      `feature_draft has no graph beside model_type ${architecture}, only beside llama`,
    );
  const { num_hidden_layers, target_layers, target_hidden_size } = draft as JsonObject;
  return {
    numLayers: num_hidden_layers,
    targetLayers: target_layers,
    targetHiddenSize: target_hidden_size,
    slidingWindow: json.sliding_window ?? null,
  };
}

function scalesOf(architecture: ArchitectureName, json: JsonObject, headDim: unknown) {
  const isGemma = architecture === 'gemma2';
  return {
    embeddingScale: isGemma ? embeddingScale(json) : 1,
    normOffset: isGemma ? 1 : 0,
    attentionScale: Number(isGemma ? json.query_pre_attn_scalar : headDim) ** -0.5,
    attentionSoftcap: isGemma ? json.attn_logit_softcapping : null,
    logitSoftcap: isGemma ? json.final_logit_softcapping : null,
  };
}

// Bits of a number's significand, the leading one included.
const SIGNIFICAND_BITS: Readonly<Record<string, number>> = { bfloat16: 8, float16: 11 };

/** √hidden in the precision of the weights, as the model was trained: 3,584 gives 59.75 in bfloat16, not 59.87. */
function embeddingScale(json: JsonObject): number {
  const exact = Math.sqrt(Number(json.hidden_size));
  const bits = SIGNIFICAND_BITS[String(json.dtype ?? json.torch_dtype)] ?? 24;
  const unit = 2 ** (Math.floor(Math.log2(exact)) + 1 - bits);
  return Math.round(exact / unit) * unit;
}
