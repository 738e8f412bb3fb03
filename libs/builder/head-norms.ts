// Norms over each head of the queries and of the keys (Qwen3), between the projection and the rotary embedding.
import type { GraphParts } from './graph-parts.js';
import type { Graph } from './onnx/graph.js';

const SPLIT = 'heads.split';
const QUERY_SHAPE = 'heads.query_shape';
const KEY_SHAPE = 'heads.key_shape';
const FLAT_SHAPE = 'heads.flat_shape';

/** The constants that `addHeadNorms` of every layer draws on. */
export function declareHeadShapes({ graph, config: { numHeads, numKvHeads, headDim } }: GraphParts): void {
  const integers = (name: string, values: readonly number[]) =>
    graph.constant(name, 'int64', [values.length], BigInt64Array.from(values, BigInt));
  integers(SPLIT, [numHeads * headDim, numKvHeads * headDim, numKvHeads * headDim]);
  // 0 keeps a dimension, -1 takes the rest.
  integers(QUERY_SHAPE, [0, 0, numHeads, headDim]);
  integers(KEY_SHAPE, [0, 0, numKvHeads, headDim]);
  integers(FLAT_SHAPE, [0, 0, -1]);
}

export interface HeadNorms {
  /** Weights, [headDim]. */
  readonly query: string;
  readonly key: string;
}

/** `packed` [1, S, (numHeads + 2 · numKvHeads) · headDim] → queries, keys and values apart, the first two normed. */
export function addHeadNorms(
  parts: GraphParts,
  graph: Graph,
  packed: string,
  norms: HeadNorms,
): [query: string, key: string, value: string] {
  const [query, key, value] = [`${packed}.q`, `${packed}.k`, `${packed}.v`];
  graph.node('Split', [packed, SPLIT], [query, key, value], { axis: { int: -1 } });
  const normed = (x: string, shape: string, weights: string) => {
    const apart = graph.node('Reshape', [x, shape], [`${x}.apart`]);
    const each = parts.norm(graph, apart, weights, `${x}.normed`);
    return graph.node('Reshape', [each, FLAT_SHAPE], [`${x}.together`]);
  };
  return [normed(query, QUERY_SHAPE, norms.query), normed(key, KEY_SHAPE, norms.key), value];
}
