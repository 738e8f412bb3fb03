// x · weightsᵀ in 8-bit integers with one scale a row of x and one a row of the weights. A row's scale depends on that row
// alone, and integer sums have no order, so every row of the product is bitwise the same in whatever company it comes.
// A row of zeros has no scale: 127 / 0 is infinite, its integers are arbitrary, and the product with 0 makes them 0 again.
import { type ExternalBytes, type Graph, MICROSOFT } from './onnx/graph.js';

export interface ChannelMatrix {
  readonly name: string;
  readonly rows: number;
  readonly columns: number;
  readonly values: ExternalBytes;
  readonly scales: ExternalBytes;
}

const LARGEST = 'channels.127';
const ONE = 'channels.one';
const PER_STEP = 'channels.per_step';
const MIDDLE = 'channels.middle';

/** The constants that every product draws on; once a graph. */
export function declareChannelProducts(graph: Graph): void {
  graph.constant(LARGEST, 'float32', [], Float32Array.of(127));
  graph.constant(ONE, 'float32', [], Float32Array.of(1));
  graph.constant(PER_STEP, 'float32', [], Float32Array.of(1 / 127));
  // Activations are unsigned around 128: the processor multiplies unsigned by signed bytes.
  graph.constant(MIDDLE, 'uint8', [], Uint8Array.of(128));
  graph.constant('channels.last_axis', 'int64', [1], BigInt64Array.of(-1n));
}

/** x [1, S, columns] → `output` [1, S, rows]. Constants go to `root`, the nodes to `graph`. */
export function multiplyChannels(
  root: Graph,
  graph: Graph,
  x: string,
  { name, rows, columns, values, scales }: ChannelMatrix,
  output: string,
): string {
  root.external(`${name}.channels`, 'int8', [columns, rows], values);
  root.external(`${name}.channel_scales`, 'float32', [rows], scales);
  const magnitudes = graph.node('Abs', [x], [`${name}.magnitudes`]);
  const largest = graph.node('ReduceMax', [magnitudes, 'channels.last_axis'], [`${name}.largest`]);
  const steps = graph.node('Div', [LARGEST, largest], [`${name}.steps`]);
  const scaled = graph.node('Mul', [x, steps], [`${name}.scaled`]);
  const integers = graph.node('QuantizeLinear', [scaled, ONE, MIDDLE], [`${name}.integers`]);
  const inputs = [integers, `${name}.channels`, PER_STEP, `${name}.channel_scales`, MIDDLE];
  const sums = graph.node('MatMulIntegerToFloat', inputs, [`${name}.sums`], {}, MICROSOFT);
  return graph.node('Mul', [sums, largest], [output]);
}
