// The gated MLP sub-layer of layer i: x.{2i + 1} → x.{2i + 2}.
import type { DecoderWeights } from './decoder-weights.js';
import type { GraphParts } from './graph-parts.js';
import { multiply } from './matrix.js';
import { type Graph, MICROSOFT } from './onnx/graph.js';
import { addSubLayer } from './sub-layer.js';

type LayerWeights = ReturnType<DecoderWeights['layer']>;

export function addMlp(parts: GraphParts, weights: LayerWeights, i: number): void {
  const norm = parts.vector(`l${i}.mlp_norm`, weights.mlpNorm);
  const gateUp = parts.matrix(`l${i}.gate_up`, weights.gateUp);
  const down = parts.matrix(`l${i}.down`, weights.down, parts.forms.down);
  const postNorm = parts.optionalVector(`l${i}.mlp_post_norm`, weights.mlpPostNorm);
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
      const activated = addActivation(parts, graph, `l${i}.gate`, `l${i}.${parts.architecture.activation}`);
      graph.node('Mul', [activated, `l${i}.up`], [`l${i}.gated`]);
      const projected = multiply(parts.graph, graph, `l${i}.gated`, down, `l${i}.down_out`);
      graph.node('Add', [x, parts.optionalNorm(graph, projected, postNorm)], [next!]);
    },
  });
}

function addActivation({ architecture }: GraphParts, graph: Graph, x: string, output: string): string {
  // FastGelu is the tanh approximation; QuickGelu with alpha 1 is SiLU.
  if (architecture.activation === 'gelu') return graph.node('FastGelu', [x], [output], {}, MICROSOFT);
  return graph.node('QuickGelu', [x], [output], { alpha: { float: 1 } }, MICROSOFT);
}
