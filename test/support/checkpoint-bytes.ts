// Writers of the two checkpoint formats, for tests only: they know just what the tiny checkpoints need.
export interface TinyTensor {
  readonly shape: readonly number[];
  readonly values: Float32Array;
}

export interface IntegerTensor {
  readonly shape: readonly number[];
  readonly values: Int32Array;
}

export function safetensorsBytes(
  tensors: ReadonlyMap<string, TinyTensor | IntegerTensor>,
  extra: Record<string, unknown> = {},
): Buffer {
  let offset = 0;
  const header: Record<string, unknown> = { __metadata__: { format: 'pt' }, ...extra };
  for (const [name, { shape, values }] of tensors) {
    const end = offset + values.byteLength;
    header[name] = {
      dtype: values instanceof Int32Array ? 'I32' : 'F32',
      shape,
      data_offsets: [offset, end],
    };
    offset = end;
  }
  const json = Buffer.from(JSON.stringify(header));
  return Buffer.concat([u64(json.length), json, ...[...tensors.values()].map(({ values }) => raw(values))]);
}

const NAMES: readonly (readonly [hub: RegExp, gguf: string])[] = [
  [/^model\.layers\.(\d+)\.self_attn\.(q|k)_norm/, 'blk.$1.attn_$2_norm'],
  [/^model\.layers\.(\d+)\.pre_feedforward_layernorm/, 'blk.$1.ffn_norm'],
  [/^model\.layers\.(\d+)\.post_feedforward_layernorm/, 'blk.$1.post_ffw_norm'],
  [/^model\.embed_tokens/, 'token_embd'],
  [/^model\.norm/, 'output_norm'],
  [/^lm_head/, 'output'],
  [/^model\.layers\.(\d+)\.input_layernorm/, 'blk.$1.attn_norm'],
  [/^model\.layers\.(\d+)\.post_attention_layernorm/, 'blk.$1.ffn_norm'],
  [/^model\.layers\.(\d+)\.self_attn\.o_proj/, 'blk.$1.attn_output'],
  [/^model\.layers\.(\d+)\.self_attn\.(q|k|v)_proj/, 'blk.$1.attn_$2'],
  [/^model\.layers\.(\d+)\.mlp\.(gate|up|down)_proj/, 'blk.$1.ffn_$2'],
];

const BEHIND_ATTENTION = [
  /^model\.layers\.(\d+)\.post_attention_layernorm/,
  'blk.$1.post_attention_norm',
] as const;

/**
 * A number is written as uint32, {float} as float32, arrays by their first element. `heads` to permute q and k rows by,
 * as for Llama; null leaves them.
 */
export function ggufBytes(
  metadata: ReadonlyMap<string, unknown>,
  tensors: ReadonlyMap<string, TinyTensor>,
  heads: { readonly queries: number; readonly keys: number } | null,
): Buffer {
  const postNorms = [...tensors.keys()].some((name) => name.includes('pre_feedforward_layernorm'));
  const names = postNorms ? [BEHIND_ATTENTION, ...NAMES] : NAMES;
  const parts = [Buffer.from('GGUF'), u32(3), u64(tensors.size), u64(metadata.size)];
  for (const [key, value] of metadata) parts.push(text(key), typed(value));
  const data: Buffer[] = [];
  let offset = 0;
  for (const [name, { shape, values }] of tensors) {
    const [pattern, replacement] = names.find(([hub]) => hub.test(name))!;
    const part = /(q|k)_proj/.exec(name)?.[1];
    const numHeads = part === 'q' ? heads?.queries : heads?.keys;
    const kept = part === undefined || numHeads === undefined;
    const bytes = raw(kept ? values : permute(values, numHeads, shape as [number, number]));
    parts.push(text(name.replace(pattern, replacement)), u32(shape.length));
    parts.push(...[...shape].reverse().map(u64), u32(0), u64(offset));
    data.push(bytes, Buffer.alloc((32 - (bytes.length % 32)) % 32));
    offset += data.at(-2)!.length + data.at(-1)!.length;
  }
  const header = Buffer.concat(parts);
  return Buffer.concat([header, Buffer.alloc((32 - (header.length % 32)) % 32), ...data]);
}

/** Hugging Face row half · D/2 + j of each head goes to row 2j + half, as llama.cpp's converter does. */
function permute(values: Float32Array, numHeads: number, [rows, columns]: [number, number]): Float32Array {
  const dim = rows / numHeads;
  const result = new Float32Array(values.length);
  for (let head = 0; head < numHeads; head++) {
    for (let half = 0; half < 2; half++) {
      for (let j = 0; j < dim / 2; j++) {
        const from = (head * dim + (half * dim) / 2 + j) * columns;
        result.set(values.subarray(from, from + columns), (head * dim + 2 * j + half) * columns);
      }
    }
  }
  return result;
}

function typed(value: unknown): Buffer {
  if (!Array.isArray(value)) return Buffer.concat([u32(typeOf(value)), scalar(value)]);
  return Buffer.concat([u32(9), u32(typeOf(value[0])), u64(value.length), ...value.map(scalar)]);
}

function typeOf(value: unknown): number {
  return typeof value === 'string' ? 8 : typeof value === 'number' ? 4 : 6;
}

function scalar(value: unknown): Buffer {
  if (typeof value === 'string') return text(value);
  if (typeof value === 'number') return u32(value);
  const bytes = Buffer.alloc(4);
  bytes.writeFloatLE((value as { float: number }).float);
  return bytes;
}

function text(value: string): Buffer {
  const bytes = Buffer.from(value);
  return Buffer.concat([u64(bytes.length), bytes]);
}

function u32(value: number): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32LE(value);
  return bytes;
}

function u64(value: number): Buffer {
  const bytes = Buffer.alloc(8);
  bytes.writeBigUInt64LE(BigInt(value));
  return bytes;
}

function raw(values: Float32Array | Int32Array): Buffer {
  return Buffer.from(values.buffer, values.byteOffset, values.byteLength);
}
