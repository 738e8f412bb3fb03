// The tiny checkpoints of test/fixtures/architectures as GGUF files: tensors renamed, q and k rows left as they are, Gemma's
// norms with the 1 added (the conventions of llama.cpp's converter for these families).
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { type FixtureName, fixtureFolder } from './architecture-fixture.js';
import { ggufBytes, type TinyTensor } from './checkpoint-bytes.js';

/** The tensors of a fixture, as they are in its safetensors file. */
export function fixtureTensors(name: FixtureName): Map<string, TinyTensor> {
  const bytes = readFileSync(join(fixtureFolder(name), 'model.safetensors'));
  const dataStart = 8 + Number(bytes.readBigUInt64LE());
  const header: Record<string, { shape: number[]; data_offsets: [number, number] }> = JSON.parse(
    bytes.toString('utf8', 8, dataStart),
  );
  const entries = Object.entries(header).filter(([tensor]) => tensor !== '__metadata__');
  return new Map(
    entries.map(
      ([
        tensor,
        {
          shape,
          data_offsets: [start, end],
        },
      ]) => {
        const data = Uint8Array.from(bytes.subarray(dataStart + start, dataStart + end));
        return [tensor, { shape, values: new Float32Array(data.buffer) }];
      },
    ),
  );
}

export function fixtureGguf(name: FixtureName): Buffer {
  const isShifted = (tensor: string) => name === 'gemma2' && tensor.endsWith('norm.weight');
  const tensors = new Map(
    [...fixtureTensors(name)].map(([tensor, { shape, values }]) => [
      tensor,
      { shape, values: isShifted(tensor) ? values.map((value) => value + 1) : values },
    ]),
  );
  return ggufBytes(metadataOf(name), tensors, null);
}

function metadataOf(name: FixtureName): Map<string, unknown> {
  const json = JSON.parse(readFileSync(join(fixtureFolder(name), 'config.json'), 'utf8'));
  const values: Record<string, unknown> = {
    vocab_size: json.vocab_size,
    block_count: json.num_hidden_layers,
    context_length: json.max_position_embeddings,
    embedding_length: json.hidden_size,
    feed_forward_length: json.intermediate_size,
    'attention.head_count': json.num_attention_heads,
    'attention.head_count_kv': json.num_key_value_heads,
    'attention.layer_norm_rms_epsilon': { float: json.rms_norm_eps },
    'rope.freq_base': { float: json.rope_parameters.rope_theta },
  };
  if (json.head_dim !== undefined) {
    values['attention.key_length'] = json.head_dim;
    values['attention.value_length'] = json.head_dim;
  }
  if (name === 'gemma2') {
    values['attention.sliding_window'] = json.sliding_window;
    values.attn_logit_softcapping = { float: json.attn_logit_softcapping };
    values.final_logit_softcapping = { float: json.final_logit_softcapping };
  }
  const own = Object.entries(values).map(([key, value]) => [`${name}.${key}`, value] as const);
  return new Map([['general.architecture', name], ...own] as [string, unknown][]);
}
