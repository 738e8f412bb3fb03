// One layer of the Llama graph: attention over the KV buffers, then the gated MLP, each as a residual sub-layer.
// The residual stream is x.{2i} before attention i, x.{2i + 1} before MLP i.
import type { GraphParts } from './graph-parts.js';
import type { LlamaWeights } from './llama-weights.js';
import { multiply } from './matrix.js';
import { MICROSOFT } from './onnx/graph.js';
import { addSubLayer } from './sub-layer.js';

type LayerWeights = ReturnType<LlamaWeights['layer']>;

export function addAttention(parts: GraphParts, weights: LayerWeights, i: number): void {
  const { hiddenSize, numKvHeads, headDim } = parts.config;
  const norm = parts.vector(`l${i}.attention_norm`, weights.attentionNorm());
  const qkv = parts.matrix(`l${i}.qkv`, weights.qkv());
  const project = parts.matrix(`l${i}.attention_output`, weights.attentionOutput());
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
      const packed = multiply(parts.graph, graph, normed, qkv, `l${i}.qkv_out`);
      const past = [`past.${i}.k`, `past.${i}.v`];
      const inputs = [packed, '', '', ...past, 'seqlens_k', 'total_sequence_length', 'rope.cos', 'rope.sin'];
      const outputs = [`l${i}.heads`, ...present];
      graph.node('GroupQueryAttention', inputs, outputs, attentionAttributes(parts), MICROSOFT);
      const projected = multiply(parts.graph, graph, `l${i}.heads`, project, `l${i}.attention_out`);
      graph.node('Add', [x, projected], [next!]);
    },
  });
}

function attentionAttributes({ config }: GraphParts) {
  return {
    num_heads: { int: config.numHeads },
    kv_num_heads: { int: config.numKvHeads },
    do_rotary: { int: 1 },
    rotary_interleaved: { int: 0 },
    scale: { float: config.headDim ** -0.5 },
    local_window_size: { int: config.slidingWindow ?? -1 },
  };
}

export function addMlp(parts: GraphParts, weights: LayerWeights, i: number): void {
  const norm = parts.vector(`l${i}.mlp_norm`, weights.mlpNorm());
  const gateUp = parts.matrix(`l${i}.gate_up`, weights.gateUp());
  const down = parts.matrix(`l${i}.down`, weights.down());
  const x = `x.${2 * i + 1}`;
  addSubLayer(parts.graph, {
    name: `l${i}.mlp`,
    skip: parts.layerSkip ? `skip.${2 * i + 1}` : null,
    renewed: [{ input: x, output: `x.${2 * i + 2}`, dims: [1, 'S', parts.config.hiddenSize] }],
    compute: (graph, [next]) => {
      const normed = parts.norm(graph, x, norm, `l${i}.mlp_in`);
      const both = multiply(parts.graph, graph, normed, gateUp, `l${i}.gate_up_out`);
      const halves = [`l${i}.gate`, `l${i}.up`];
      graph.node('Split', [both], halves, { axis: { int: -1 }, num_outputs: { int: 2 } });
      // QuickGelu with alpha 1 is SiLU.
      graph.node('QuickGelu', [`l${i}.gate`], [`l${i}.silu`], { alpha: { float: 1 } }, MICROSOFT);
      graph.node('Mul', [`l${i}.silu`, `l${i}.up`], [`l${i}.gated`]);
      const projected = multiply(parts.graph, graph, `l${i}.gated`, down, `l${i}.down_out`);
      graph.node('Add', [x, projected], [next!]);
    },
  });
}
