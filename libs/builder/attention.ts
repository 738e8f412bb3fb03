// The attention sub-layer of layer i, over the KV buffers: x.{2i} → x.{2i + 1}.
import type { DecoderWeights } from './decoder-weights.js';
import type { GraphParts } from './graph-parts.js';
import { addHeadNorms, type HeadNorms } from './head-norms.js';
import { multiply } from './matrix.js';
import { MICROSOFT } from './onnx/graph.js';
import { addSubLayer } from './sub-layer.js';
import { attentionLengths, cutTokens, padTokens } from './wide-heads.js';

type LayerWeights = ReturnType<DecoderWeights['layer']>;

export function addAttention(parts: GraphParts, weights: LayerWeights, i: number): void {
  const { hiddenSize, numKvHeads, headDim } = parts.config;
  const norm = parts.vector(`l${i}.attention_norm`, weights.attentionNorm());
  const qkv = parts.matrix(`l${i}.qkv`, weights.qkv());
  const project = parts.matrix(`l${i}.attention_output`, weights.attentionOutput());
  const bias = parts.optionalVector(`l${i}.qkv_bias`, weights.qkvBias);
  const headNorms = headNormsOf(parts, weights, i);
  const postNorm = parts.optionalVector(`l${i}.attention_post_norm`, weights.attentionPostNorm);
  const x = `x.${2 * i}`;
  const kvDims = [1, numKvHeads, 'P', headDim];
  addSubLayer(parts.graph, {
    name: `l${i}.attention`,
    skip: parts.layerSkip ? `skip.${2 * i}` : null,
    renewed: [
      { input: x, output: `x.${2 * i + 1}`, dims: [1, 'S', hiddenSize] },
      { input: `past.${i}.k`, output: `present.${i}.k`, dims: kvDims },
      { input: `past.${i}.v`, output: `present.${i}.v`, dims: kvDims },
    ],
    compute: (graph, [next, ...present]) => {
      const normed = parts.norm(graph, x, norm, `l${i}.attention_in`);
      let packed = multiply(parts.graph, graph, normed, qkv, `l${i}.qkv_out`);
      if (bias !== null) packed = graph.node('Add', [packed, bias], [`l${i}.qkv_biased`]);
      packed = padTokens(parts, graph, packed);
      const qkvHeads = headNorms === null ? [packed, '', ''] : addHeadNorms(parts, graph, packed, headNorms);
      const past = [`past.${i}.k`, `past.${i}.v`];
      const { seqlensK, total } = attentionLengths(parts);
      const inputs = [...qkvHeads, ...past, seqlensK, total, 'rope.cos', 'rope.sin'];
      const outputs = [`l${i}.heads`, ...present];
      graph.node('GroupQueryAttention', inputs, outputs, attentionAttributes(parts, i), MICROSOFT);
      const heads = cutTokens(parts, graph, `l${i}.heads`);
      const projected = multiply(parts.graph, graph, heads, project, `l${i}.attention_out`);
      graph.node('Add', [x, parts.optionalNorm(graph, projected, postNorm)], [next!]);
    },
  });
}

function headNormsOf(parts: GraphParts, { queryNorm, keyNorm }: LayerWeights, i: number): HeadNorms | null {
  if (queryNorm === null || keyNorm === null) return null;
  return {
    query: parts.vector(`l${i}.query_norm`, queryNorm()),
    key: parts.vector(`l${i}.key_norm`, keyNorm()),
  };
}

function attentionAttributes({ config }: GraphParts, i: number) {
  const { attentionSoftcap } = config;
  return {
    num_heads: { int: config.numHeads },
    kv_num_heads: { int: config.numKvHeads },
    do_rotary: { int: 1 },
    rotary_interleaved: { int: 0 },
    scale: { float: config.attentionScale },
    local_window_size: { int: config.slidingWindows[i] ?? -1 },
    ...(attentionSoftcap === null ? {} : { softcap: { float: attentionSoftcap } }),
  };
}
