// Tiny random Llama checkpoints, written as a hub folder or as GGUF, for tests of readers, builder and engine.
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { ggufBytes, safetensorsBytes, type TinyTensor } from './checkpoint-bytes.js';

export const TINY = {
  model_type: 'llama',
  hidden_size: 64,
  intermediate_size: 96,
  num_hidden_layers: 2,
  num_attention_heads: 4,
  num_key_value_heads: 2,
  head_dim: 16,
  vocab_size: 260,
  max_position_embeddings: 256,
  rms_norm_eps: 1e-5,
  rope_theta: 10_000,
  tie_word_embeddings: true,
  bos_token_id: 256,
  eos_token_id: 257,
};

/** Numbers in [-1, 1) from a fixed linear congruence. */
export function randomFloats(length: number, seed: number): Float32Array {
  let state = seed >>> 0;
  return Float32Array.from({ length }, () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return (state >>> 8) / 2 ** 23 - 1;
  });
}

/** Random weights in Hugging Face names; with `headSize`, an untied head of that many rows. */
export function tinyTensors(headSize?: number): Map<string, TinyTensor> {
  const { hidden_size: hidden, intermediate_size: ff, head_dim: dim, vocab_size: vocab } = TINY;
  const [queries, keys] = [TINY.num_attention_heads * dim, TINY.num_key_value_heads * dim];
  const shapes: [string, number[]][] = [
    ['model.embed_tokens.weight', [vocab, hidden]],
    ['model.norm.weight', [hidden]],
  ];
  for (let i = 0; i < TINY.num_hidden_layers; i++) {
    const parts: [string, number[]][] = [
      ['input_layernorm', [hidden]],
      ['self_attn.q_proj', [queries, hidden]],
      ['self_attn.k_proj', [keys, hidden]],
      ['self_attn.v_proj', [keys, hidden]],
      ['self_attn.o_proj', [hidden, queries]],
      ['post_attention_layernorm', [hidden]],
      ['mlp.gate_proj', [ff, hidden]],
      ['mlp.up_proj', [ff, hidden]],
      ['mlp.down_proj', [hidden, ff]],
    ];
    shapes.push(
      ...parts.map(([part, shape]): [string, number[]] => [`model.layers.${i}.${part}.weight`, shape]),
    );
  }
  if (headSize !== undefined) shapes.push(['lm_head.weight', [headSize, hidden]]);
  return new Map(
    shapes.map(([name, shape], seed) => {
      const values = randomFloats(
        shape.reduce((a, b) => a * b, 1),
        seed + 1,
      );
      const isNorm = shape.length === 1;
      return [name, { shape, values: values.map((v) => (isNorm ? 1 + v / 4 : v / 4)) }];
    }),
  );
}

/** One token a byte, in the byte-level alphabet of GPT-2, then four special tokens. */
export function tinyVocabulary(): string[] {
  const visible = (byte: number) => (byte > 32 && byte < 127) || (byte > 160 && byte !== 173);
  let next = 256;
  const bytes = Array.from({ length: 256 }, (_, byte) => String.fromCodePoint(visible(byte) ? byte : next++));
  return [...bytes, '<bos>', '<eos>', '<pad>', '<unk>'];
}

export function tinyTokenizerJson() {
  const tokens = tinyVocabulary();
  return {
    version: '1.0',
    added_tokens: tokens.slice(256).map((content, i) => ({ id: 256 + i, content, special: true })),
    normalizer: null,
    pre_tokenizer: { type: 'ByteLevel', add_prefix_space: false, trim_offsets: true, use_regex: true },
    post_processor: null,
    decoder: { type: 'ByteLevel', add_prefix_space: true, trim_offsets: true, use_regex: true },
    model: { type: 'BPE', vocab: Object.fromEntries(tokens.map((token, id) => [token, id])), merges: [] },
  };
}

/** Writes a hub folder; `config` overrides TINY. Returns the folder. */
export function writeTinyHub(
  folder: string,
  config: Readonly<Record<string, unknown>> = {},
  tensors: ReadonlyMap<string, TinyTensor> = tinyTensors(),
): string {
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, 'config.json'), JSON.stringify({ ...TINY, ...config }));
  writeFileSync(join(folder, 'tokenizer.json'), JSON.stringify(tinyTokenizerJson()));
  writeFileSync(
    join(folder, 'tokenizer_config.json'),
    JSON.stringify({ eos_token: '<eos>', chat_template: 'hub' }),
  );
  writeFileSync(join(folder, 'model.safetensors'), safetensorsBytes(tensors));
  return folder;
}

/** The metadata of the same model and tokenizer in GGUF's words. */
export function tinyGgufMetadata(): Map<string, unknown> {
  const tokens = tinyVocabulary();
  return new Map<string, unknown>([
    ['general.architecture', 'llama'],
    ['general.license', 'apache-2.0'],
    ['llama.block_count', TINY.num_hidden_layers],
    ['llama.context_length', TINY.max_position_embeddings],
    ['llama.embedding_length', TINY.hidden_size],
    ['llama.feed_forward_length', TINY.intermediate_size],
    ['llama.attention.head_count', TINY.num_attention_heads],
    ['llama.attention.head_count_kv', TINY.num_key_value_heads],
    ['llama.attention.layer_norm_rms_epsilon', { float: TINY.rms_norm_eps }],
    ['llama.rope.freq_base', { float: TINY.rope_theta }],
    ['tokenizer.ggml.model', 'gpt2'],
    ['tokenizer.ggml.pre', 'smollm'],
    ['tokenizer.ggml.tokens', tokens],
    ['tokenizer.ggml.token_type', tokens.map((_, id) => (id < 256 ? 1 : 3))],
    ['tokenizer.ggml.merges', ['1 2', 'a b', 'ab c']],
    ['tokenizer.ggml.bos_token_id', 256],
    ['tokenizer.ggml.eos_token_id', 257],
    ['tokenizer.chat_template', 'gguf'],
  ]);
}

/** Bytes of the same weights as GGUF: renamed, q and k rows permuted. */
export function tinyGguf(metadata: ReadonlyMap<string, unknown> = tinyGgufMetadata()): Buffer {
  return ggufBytes(metadata, tinyTensors(), {
    queries: TINY.num_attention_heads,
    keys: TINY.num_key_value_heads,
  });
}
