// Attention proper, of one sequence: queries, keys and values in, heads out, the KV buffers written in place.
import type { GraphParts } from './graph-parts.js';
import { addHeadNorms, type HeadNorms } from './head-norms.js';
import { type Attribute, type Graph, MICROSOFT } from './onnx/graph.js';
import { attentionLengths, cutTokens, padTokens } from './wide-heads.js';

export interface Attended {
  /** Queries, keys and values of all tokens: [1, S, (numHeads + 2 · numKvHeads) · headDim]. */
  readonly packed: string;
  readonly headNorms: HeadNorms | null;
  readonly layer: number;
}

/** Returns the heads: [1, S, numHeads · headDim]. */
export function attend(
  parts: GraphParts,
  graph: Graph,
  { packed, headNorms, layer, present }: Attended & { readonly present: readonly string[] },
): string {
  const padded = padTokens(parts, graph, packed);
  const qkv = headNorms === null ? [padded, '', ''] : addHeadNorms(parts, graph, padded, headNorms);
  const { seqlensK, total } = attentionLengths(parts);
  const inputs = [...qkv, `past.${layer}.k`, `past.${layer}.v`, seqlensK, total, 'rope.cos', 'rope.sin'];
  const outputs = [`l${layer}.heads`, ...present];
  graph.node('GroupQueryAttention', inputs, outputs, attentionAttributes(parts, layer), MICROSOFT);
  return cutTokens(parts, graph, `l${layer}.heads`);
}

export function attentionAttributes({ config }: GraphParts, layer: number): Record<string, Attribute> {
  const { attentionSoftcap } = config;
  return {
    num_heads: { int: config.numHeads },
    kv_num_heads: { int: config.numKvHeads },
    do_rotary: { int: 1 },
    rotary_interleaved: { int: 0 },
    scale: { float: config.attentionScale },
    local_window_size: { int: config.slidingWindows[layer] ?? -1 },
    ...(attentionSoftcap === null ? {} : { softcap: { float: attentionSoftcap } }),
  };
}
