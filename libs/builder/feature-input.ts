// What a feature draft's layers start from (EAGLE-3, arxiv.org/abs/2503.01840): the token's embedding, and a state that says what
// came before it: the target's features of the position before, brought to the draft's width, or where the target has not been
// yet, what the draft itself had there.
import type { GraphParts } from './graph-parts.js';
import type { Stack } from './layer-weights.js';
import { multiply } from './matrix.js';
import { DATA_TYPES, Graph } from './onnx/graph.js';

/** Each read when it is asked for. */
export interface FeatureInputWeights {
  /** [hiddenSize, width of the features] */
  readonly fusion: () => Stack;
  readonly embeddingNorm: () => Float32Array;
  readonly stateNorm: () => Float32Array;
  /** [hiddenSize, 2 · hiddenSize] */
  readonly input: () => Stack;
}

/**
 * `embedded` [1, S, hiddenSize] → x.0.
 * Adds the inputs `features` float16 [1, S, width] and `own` float32 [1, S, hiddenSize]: of each row at most one is not zero.
 * Features may have no row at all, for all zeros: a step of the draft by itself is spared the product.
 */
export function addFeatureInput(parts: GraphParts, weights: FeatureInputWeights, embedded: string): void {
  const { graph } = parts;
  const state = addState(parts, weights.fusion);
  const normed = (x: string, name: string, values: () => Float32Array) =>
    parts.norm(graph, x, parts.vector(name, values), `${x}.normed`);
  const halves = [
    normed(embedded, 'embedding_norm', weights.embeddingNorm),
    normed(state, 'state_norm', weights.stateNorm),
  ];
  const both = graph.node('Concat', halves, ['embedding_and_state'], { axis: { int: -1 } });
  multiply(graph, graph, both, parts.matrix('input', weights.input), 'x.0');
}

/** fusion · features + own: [1, S, hiddenSize] */
function addState(parts: GraphParts, fusion: () => Stack): string {
  const { graph } = parts;
  const { hiddenSize, featureDraft } = parts.config;
  graph.input('features', 'float16', [1, 'K', featureDraft!.width]);
  graph.input('own', 'float32', [1, 'S', hiddenSize]);
  const matrix = parts.matrix('fusion', fusion);
  const branch = (name: string, fill: (body: Graph, output: string) => void): Graph => {
    const body = new Graph(name);
    fill(body, `${name}.state`);
    body.output(`${name}.state`, 'float32', [1, 'S', hiddenSize]);
    return body;
  };
  const known = branch('features.known', (body, output) => {
    const floats = body.node('Cast', ['features'], ['features.floats'], { to: { int: DATA_TYPES.float32 } });
    const fused = multiply(graph, body, floats, matrix, 'features.fused');
    body.node('Add', [fused, 'own'], [output]);
  });
  const unknown = branch('features.unknown', (body, output) => body.node('Identity', ['own'], [output]));
  const rows = graph.node('Shape', ['features'], ['features.rows'], { start: { int: 1 }, end: { int: 2 } });
  const any = graph.node('Cast', [rows], ['features.any'], { to: { int: DATA_TYPES.bool } });
  return graph.node('If', [any], ['state_in'], {
    then_branch: { graph: known },
    else_branch: { graph: unknown },
  });
}
