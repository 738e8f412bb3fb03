// What every part of the Llama graph draws on: the main graph, the data file, and the ways to put weights into both.
import type { CheckpointConfig } from './checkpoint.js';
import type { Stack } from './llama-weights.js';
import { type Matrix, storeMatrix, type WeightBits } from './matrix.js';
import type { Graph } from './onnx/graph.js';
import type { WeightFile } from './weight-file.js';

export class GraphParts {
  constructor(
    readonly graph: Graph,
    readonly config: CheckpointConfig,
    private readonly file: WeightFile,
    /** Bits of all matrices but the embedding. */
    readonly bits: WeightBits,
    readonly layerSkip: boolean,
  ) {}

  matrix(name: string, { weights, rows }: Stack, bits = this.bits): Matrix {
    return storeMatrix(this.file, name, weights, rows, bits);
  }

  vector(name: string, values: Float32Array): string {
    return this.table(name, [values.length], values);
  }

  table(name: string, dims: readonly number[], values: Float32Array): string {
    return this.graph.external(name, 'float32', dims, this.file.append(values));
  }

  /** Root mean square norm over the last axis; the node goes to `graph`, a branch or the main graph. */
  norm(graph: Graph, x: string, weights: string, output: string): string {
    const attributes = { axis: { int: -1 }, epsilon: { float: this.config.rmsEpsilon } };
    return graph.node('SimplifiedLayerNormalization', [x, weights], [output], attributes);
  }
}
