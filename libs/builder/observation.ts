// A graph that tells, beside its logits, how large each channel of what goes into its products gets: what smoothing needs
// to know (smoothing.ts). Only for graphs without layer skipping, since a branch has no outputs of its own to give.
import type { Graph } from './onnx/graph.js';

const SUFFIX = '.input_max';

/** Adds the output `<matrix>.input_max` float32 [columns]: the largest magnitudes over the forward's tokens. */
export function observeInput(graph: Graph, x: string, matrix: string, columns: number): void {
  const output = `${matrix}${SUFFIX}`;
  const axes = graph.constant(`${matrix}.token_axes`, 'int64', [2], BigInt64Array.of(0n, 1n));
  const magnitudes = graph.node('Abs', [x], [`${matrix}.input_magnitudes`]);
  graph.node('ReduceMax', [magnitudes, axes], [output], { keepdims: { int: 0 } });
  graph.output(output, 'float32', [columns]);
}
