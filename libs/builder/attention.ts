// The attention sub-layer of layer i, over the KV buffers: x.{2i} → x.{2i + 1}.
import { attend } from './attend.js';
import { attendSlots } from './attend-slots.js';
import type { DecoderWeights } from './decoder-weights.js';
import type { GraphParts } from './graph-parts.js';
import type { HeadNorms } from './head-norms.js';
import { multiply } from './matrix.js';
import { addSubLayer } from './sub-layer.js';

type LayerWeights = ReturnType<DecoderWeights['layer']>;

export function addAttention(parts: GraphParts, weights: LayerWeights, i: number): void {
  const { hiddenSize, numKvHeads, headDim } = parts.config;
  const norm = parts.vector(`l${i}.attention_norm`, weights.attentionNorm);
  const qkv = parts.matrix(`l${i}.qkv`, weights.qkv);
  const project = parts.matrix(`l${i}.attention_output`, weights.attentionOutput);
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
      const heads =
        parts.numSlots === 1
          ? attend(parts, graph, { packed, headNorms, layer: i, present })
          : attendSlots(parts, graph, { packed, headNorms, layer: i });
      const projected = multiply(parts.graph, graph, heads, project, `l${i}.attention_out`);
      graph.node('Add', [x, parts.optionalNorm(graph, projected, postNorm)], [next!]);
    },
  });
}

function headNormsOf(parts: GraphParts, { queryNorm, keyNorm }: LayerWeights, i: number): HeadNorms | null {
  if (queryNorm === null || keyNorm === null) return null;
  return {
    query: parts.vector(`l${i}.query_norm`, queryNorm),
    key: parts.vector(`l${i}.key_norm`, keyNorm),
  };
}
