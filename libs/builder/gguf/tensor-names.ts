// GGUF tensor names to Hugging Face's.
import type { ArchitectureName } from '../architectures.js';
import { unsupported } from '../damaged.js';

const WHOLE_MODEL: Readonly<Record<string, string>> = {
  'token_embd.weight': 'model.embed_tokens.weight',
  'output_norm.weight': 'model.norm.weight',
  'output.weight': 'lm_head.weight',
};

const LAYER: Readonly<Record<string, string>> = {
  'attn_norm.weight': 'input_layernorm.weight',
  'attn_q.weight': 'self_attn.q_proj.weight',
  'attn_k.weight': 'self_attn.k_proj.weight',
  'attn_v.weight': 'self_attn.v_proj.weight',
  'attn_output.weight': 'self_attn.o_proj.weight',
  'ffn_norm.weight': 'post_attention_layernorm.weight',
  'ffn_gate.weight': 'mlp.gate_proj.weight',
  'ffn_up.weight': 'mlp.up_proj.weight',
  'ffn_down.weight': 'mlp.down_proj.weight',
};

/** What a family has besides, or calls otherwise. */
const OF_FAMILY: Readonly<Record<ArchitectureName, Readonly<Record<string, string>>>> = {
  llama: {},
  qwen2: {
    'attn_q.bias': 'self_attn.q_proj.bias',
    'attn_k.bias': 'self_attn.k_proj.bias',
    'attn_v.bias': 'self_attn.v_proj.bias',
  },
  qwen3: {
    'attn_q_norm.weight': 'self_attn.q_norm.weight',
    'attn_k_norm.weight': 'self_attn.k_norm.weight',
  },
  gemma2: {
    'post_attention_norm.weight': 'post_attention_layernorm.weight',
    'ffn_norm.weight': 'pre_feedforward_layernorm.weight',
    'post_ffw_norm.weight': 'post_feedforward_layernorm.weight',
  },
};

/** Throws `failed_precondition` for a tensor that the architecture's graph has no place for (experts, …). */
export function huggingFaceName(path: string, architecture: ArchitectureName, name: string): string {
  const whole = WHOLE_MODEL[name];
  if (whole !== undefined) return whole;
  const match = /^blk\.(\d{1,4})\.(.+)$/.exec(name);
  const part = match ? (OF_FAMILY[architecture][match[2]!] ?? LAYER[match[2]!]) : undefined;
  if (part === undefined)
    throw unsupported(path, `tensor ${name} has no place in the graph of ${architecture}`);
  return `model.layers.${match![1]}.${part}`;
}
