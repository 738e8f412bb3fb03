// Features: what a target knows at each position, for drafts that read it (EAGLE-3, arxiv.org/abs/2503.01840). A low, a middle
// and a late residual stream, each divided by its root mean square. The streams are joined before they are normed, so that no
// norm follows an addition here: a fusion of the two would change which nodes compute the logits.
import type { CheckpointConfig } from './checkpoint.js';
import type { GraphParts } from './graph-parts.js';
import { DATA_TYPES } from './onnx/graph.js';

/** Of the unweighted norm. */
const EPSILON = 1e-5;

export interface FeatureShape {
  /** The residual streams behind these layers, counted from 0. */
  readonly layers: number[];
  /** Numbers a row. */
  readonly width: number;
}

export function featuresOf({ numLayers, hiddenSize }: CheckpointConfig): FeatureShape {
  const layers = [Math.min(2, numLayers - 1), Math.floor(numLayers / 2), Math.max(numLayers - 3, 0)];
  return { layers, width: layers.length * hiddenSize };
}

/** Adds the output `features` float16 [1, S, width], of every row that is fed. Unfetched it costs five small nodes. */
export function addFeatures({ graph, config }: GraphParts): void {
  const { layers, width } = featuresOf(config);
  const { hiddenSize } = config;
  const streams = layers.map((layer) => `x.${2 * layer + 2}`);
  const shape = (name: string, dims: readonly number[]) =>
    graph.constant(name, 'int64', [dims.length], BigInt64Array.from(dims, BigInt));
  const ones = graph.constant('features.ones', 'float32', [hiddenSize], new Float32Array(hiddenSize).fill(1));
  const joined = graph.node('Concat', streams, ['features.joined'], { axis: { int: -1 } });
  const apart = shape('features.apart_shape', [1, -1, layers.length, hiddenSize]);
  const streamsApart = graph.node('Reshape', [joined, apart], ['features.apart']);
  const norm = { axis: { int: -1 }, epsilon: { float: EPSILON } };
  graph.node('SimplifiedLayerNormalization', [streamsApart, ones], ['features.normed'], norm);
  const together = shape('features.together_shape', [1, -1, width]);
  graph.node('Reshape', ['features.normed', together], ['features.together']);
  graph.node('Cast', ['features.together'], ['features'], { to: { int: DATA_TYPES.float16 } });
  graph.output('features', 'float16', [1, 'S', width]);
}
