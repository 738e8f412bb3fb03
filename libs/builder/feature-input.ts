// What a feature draft's layers start from (EAGLE-3, arxiv.org/abs/2503.01840): the token's embedding, and a state that says what
// came before it: the target's features of the position before, brought to the draft's width, or where the target has not been
// yet, what the draft itself had there.
import type { GraphParts } from './graph-parts.js';
import type { Stack } from './layer-weights.js';
import { multiply } from './matrix.js';

/** TensorProto.DataType. */
const FLOAT32 = 1;

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
 */
export function addFeatureInput(parts: GraphParts, weights: FeatureInputWeights, embedded: string): void {
  const { graph } = parts;
  const { hiddenSize, featureDraft } = parts.config;
  graph.input('features', 'float16', [1, 'S', featureDraft!.width]);
  graph.input('own', 'float32', [1, 'S', hiddenSize]);
  const floats = graph.node('Cast', ['features'], ['features.floats'], { to: { int: FLOAT32 } });
  const fused = multiply(graph, graph, floats, parts.matrix('fusion', weights.fusion), 'features.fused');
  const state = graph.node('Add', [fused, 'own'], ['state_in']);
  const normed = (x: string, name: string, values: () => Float32Array) =>
    parts.norm(graph, x, parts.vector(name, values), `${x}.normed`);
  const halves = [
    normed(embedded, 'embedding_norm', weights.embeddingNorm),
    normed(state, 'state_norm', weights.stateNorm),
  ];
  const both = graph.node('Concat', halves, ['embedding_and_state'], { axis: { int: -1 } });
  multiply(graph, graph, both, parts.matrix('input', weights.input), 'x.0');
}
