// GGUF tensor names to Hugging Face's, for the Llama family.
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

/** Throws `failed_precondition` for a tensor that the Llama graph has no place for (biases, experts, …). */
export function huggingFaceName(path: string, name: string): string {
  const whole = WHOLE_MODEL[name];
  if (whole !== undefined) return whole;
  const match = /^blk\.(\d{1,4})\.(.+)$/.exec(name);
  const part = match ? LAYER[match[2]!] : undefined;
  if (part === undefined) throw unsupported(path, `tensor ${name} has no place in the Llama graph`);
  return `model.layers.${match![1]}.${part}`;
}
