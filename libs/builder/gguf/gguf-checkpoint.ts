// A GGUF file of the Llama family as a Checkpoint: configuration from its metadata, tensors renamed and un-permuted.
import { BinaryFile } from '../binary-file.js';
import { type Checkpoint, type CheckpointConfig, checkConfig, checkShape } from '../checkpoint.js';
import { damaged, unsupported } from '../damaged.js';
import { type GgufHeader, readGgufHeader } from './header.js';
import { huggingFaceName } from './tensor-names.js';
import { ggufTokenizer } from './tokenizer.js';
import { unpermuteRows } from './unpermute.js';

/** Throws `failed_precondition` with the reason if the file is damaged or of another architecture. */
export function openGguf(path: string): Checkpoint {
  const file = BinaryFile.open(path);
  try {
    const header = readGgufHeader(file);
    const config = ggufConfig(path, header);
    const names = new Map([...header.tensors.keys()].map((name) => [huggingFaceName(path, name), name]));
    return {
      path,
      config,
      tensorNames: [...names.keys()],
      headTokenIds: () => null,
      tensor: (name, shape) => readTensor(file, header, config, name, names.get(name), shape),
      tokenizer: () => ggufTokenizer(path, header.metadata),
      close: () => file.close(),
    };
  } catch (error) {
    file.close();
    throw error;
  }
}

function readTensor(
  file: BinaryFile,
  header: GgufHeader,
  config: CheckpointConfig,
  name: string,
  ggufName: string | undefined,
  shape: readonly number[],
): Float32Array {
  const tensor = ggufName === undefined ? undefined : header.tensors.get(ggufName);
  if (!tensor) throw damaged(file.path, `tensor ${name} is missing`);
  checkShape(file.path, name, tensor.shape, shape);
  const source = file.read(tensor.offset, tensor.bytes, `tensor ${name}`);
  const values = new Float32Array(shape.reduce((product, dim) => product * dim, 1));
  tensor.format.decode(source, values);
  const isQuery = name.endsWith('q_proj.weight');
  if (!isQuery && !name.endsWith('k_proj.weight')) return values;
  return unpermuteRows(
    values,
    isQuery ? config.numHeads : config.numKvHeads,
    config.headDim,
    config.hiddenSize,
  );
}

function ggufConfig(path: string, { metadata, tensors }: GgufHeader): CheckpointConfig {
  const architecture = metadata.get('general.architecture');
  if (architecture !== 'llama')
    throw unsupported(path, `the architecture is ${String(architecture)}, not llama`);
  const scaling = metadata.get('llama.rope.scaling.type') ?? 'none';
  if (scaling !== 'none' || tensors.has('rope_freqs.weight')) {
    throw unsupported(path, `it scales its rotary embedding (${String(scaling)}), which has no graph here`);
  }
  const get = (key: string) => metadata.get(`llama.${key}`);
  const tokens = metadata.get('tokenizer.ggml.tokens');
  const hiddenSize = get('embedding_length');
  const numHeads = get('attention.head_count');
  const vocabSize = get('vocab_size') ?? (Array.isArray(tokens) ? tokens.length : undefined);
  const eosIds = ['eos_token_id', 'eot_token_id', 'eom_token_id'].map((key) =>
    metadata.get(`tokenizer.ggml.${key}`),
  );
  const config = checkConfig(path, {
    name: metadata.get('general.name') ?? null,
    license: metadata.get('general.license') ?? null,
    vocabSize,
    headSize: vocabSize,
    hiddenSize,
    numLayers: get('block_count'),
    numHeads,
    numKvHeads: get('attention.head_count_kv') ?? numHeads,
    headDim: get('attention.key_length') ?? Number(hiddenSize) / Number(numHeads),
    feedForwardSize: get('feed_forward_length'),
    contextLength: get('context_length'),
    ropeTheta: get('rope.freq_base') ?? 10_000,
    rmsEpsilon: get('attention.layer_norm_rms_epsilon'),
    tiedHead: !tensors.has('output.weight'),
    slidingWindow: get('attention.sliding_window') ?? null,
    bosTokenId: metadata.get('tokenizer.ggml.bos_token_id') ?? null,
    eosTokenIds: [...new Set(eosIds.filter((id) => id !== undefined))],
  });
  const rotated = get('rope.dimension_count') ?? config.headDim;
  if (rotated !== config.headDim)
    throw unsupported(path, `only ${String(rotated)} of ${config.headDim} head dimensions rotate`);
  return config;
}
