// A GGUF file's metadata as a CheckpointConfig. Keys: github.com/ggml-org/ggml/blob/master/docs/gguf.md.
import { ARCHITECTURE_NAMES, type ArchitectureName, isArchitecture } from '../architectures.js';
import { type CheckpointConfig, checkConfig, perLayer } from '../checkpoint.js';
import { unsupported } from '../damaged.js';
import type { GgufHeader } from './header.js';
import type { MetadataValue } from './metadata.js';

type Get = (key: string) => MetadataValue | undefined;

/** Throws `failed_precondition` for what the graph cannot express. */
export function ggufConfig(path: string, { metadata, tensors }: GgufHeader): CheckpointConfig {
  const architecture = metadata.get('general.architecture');
  if (!isArchitecture(architecture)) {
    throw unsupported(path, `the architecture is ${String(architecture)}, not one of ${ARCHITECTURE_NAMES}`);
  }
  const get: Get = (key) => metadata.get(`${architecture}.${key}`);
  const scaling = get('rope.scaling.type') ?? 'none';
  if (scaling !== 'none' || tensors.has('rope_freqs.weight')) {
    throw unsupported(path, `it scales its rotary embedding (${String(scaling)}), which has no graph here`);
  }
  const tokens = metadata.get('tokenizer.ggml.tokens');
  const numHeads = get('attention.head_count');
  const vocabSize = get('vocab_size') ?? (Array.isArray(tokens) ? tokens.length : undefined);
  const eosIds = ['eos_token_id', 'eot_token_id', 'eom_token_id'].map((key) =>
    metadata.get(`tokenizer.ggml.${key}`),
  );
  const headDim = get('attention.key_length') ?? Number(get('embedding_length')) / Number(numHeads);
  const config = checkConfig(path, {
    architecture,
    name: metadata.get('general.name') ?? null,
    license: metadata.get('general.license') ?? null,
    vocabSize,
    headSize: vocabSize,
    hiddenSize: get('embedding_length'),
    numLayers: get('block_count'),
    numHeads,
    numKvHeads: get('attention.head_count_kv') ?? numHeads,
    headDim,
    feedForwardSize: get('feed_forward_length'),
    contextLength: get('context_length'),
    ropeTheta: get('rope.freq_base') ?? 10_000,
    rmsEpsilon: get('attention.layer_norm_rms_epsilon'),
    tiedHead: !tensors.has('output.weight'),
    ...scalesOf(architecture, get, headDim),
    slidingWindows: slidingWindowsOf(path, architecture, get),
    bosTokenId: metadata.get('tokenizer.ggml.bos_token_id') ?? null,
    eosTokenIds: [...new Set(eosIds.filter((id) => id !== undefined))],
  });
  refuseOtherDims(path, config, get);
  return config;
}

function refuseOtherDims(path: string, { headDim }: CheckpointConfig, get: Get): void {
  const rotated = get('rope.dimension_count') ?? headDim;
  if (rotated !== headDim)
    throw unsupported(path, `only ${String(rotated)} of ${headDim} head dimensions rotate`);
  const valueDim = get('attention.value_length') ?? headDim;
  if (valueDim !== headDim)
    throw unsupported(path, `heads of values have ${String(valueDim)} dimensions, those of keys ${headDim}`);
}

/** Where a file is silent: what llama.cpp, whose format this is, takes. It writes norms with the 1 already added. */
function scalesOf(architecture: ArchitectureName, get: Get, headDim: unknown) {
  const isGemma = architecture === 'gemma2';
  const hiddenSize = Number(get('embedding_length'));
  // The 27B model, told by its layers, scales by hidden / heads; the format has no key for it.
  const is27b = isGemma && get('block_count') === 46;
  const scaled = is27b ? hiddenSize / Number(get('attention.head_count')) : Number(headDim);
  return {
    embeddingScale: isGemma ? Math.fround(Math.sqrt(hiddenSize)) : 1,
    normOffset: 0,
    attentionScale: scaled ** -0.5,
    attentionSoftcap: isGemma ? (get('attn_logit_softcapping') ?? 50) : null,
    logitSoftcap: isGemma ? (get('final_logit_softcapping') ?? 30) : null,
  };
}

function slidingWindowsOf(path: string, architecture: ArchitectureName, get: Get): unknown[] {
  const window = get('attention.sliding_window') ?? null;
  const isGemma = architecture === 'gemma2';
  // Qwen's windows hold from some layer on, which the format does not say.
  if (!isGemma && architecture !== 'llama' && window !== null)
    throw unsupported(path, `${architecture}.attention.sliding_window does not say for which layers`);
  return perLayer(get('block_count'), (layer) => {
    if (!isGemma) return window;
    return layer % 2 === 0 ? (window ?? 4096) : null;
  });
}
