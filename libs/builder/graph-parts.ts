// What every part of the graph draws on: the main graph, the data file, and the ways to put weights into both.
import { ARCHITECTURES, type Architecture } from './architectures.js';
import type { CheckpointConfig } from './checkpoint.js';
import type { Forms, MatrixForm } from './forms.js';
import type { Stack } from './layer-weights.js';
import { type Matrix, storeMatrix } from './matrix.js';
import type { Graph } from './onnx/graph.js';
import type { WeightFile } from './weight-file.js';

export class GraphParts {
  readonly architecture: Architecture;

  constructor(
    readonly graph: Graph,
    readonly config: CheckpointConfig,
    private readonly file: WeightFile,
    readonly forms: Forms,
    readonly layerSkip: boolean,
    private readonly observed: boolean,
  ) {
    this.architecture = ARCHITECTURES[config.architecture];
  }

  matrix(name: string, { weights, rows }: Stack, form: MatrixForm = this.forms.layers): Matrix {
    return { ...storeMatrix(this.file, name, weights, rows, form), observed: this.observed };
  }

  vector(name: string, values: Float32Array): string {
    return this.table(name, [values.length], values);
  }

  /** Null for what the architecture has not. */
  optionalVector(name: string, values: (() => Float32Array) | null): string | null {
    return values === null ? null : this.vector(name, values());
  }

  table(name: string, dims: readonly number[], values: Float32Array): string {
    return this.graph.external(name, 'float32', dims, this.file.append(values));
  }

  /** Root mean square norm over the last axis; the node goes to `graph`, a branch or the main graph. */
  norm(graph: Graph, x: string, weights: string, output: string): string {
    const attributes = { axis: { int: -1 }, epsilon: { float: this.config.rmsEpsilon } };
    return graph.node('SimplifiedLayerNormalization', [x, weights], [output], attributes);
  }

  /** `x` itself if there are no weights. */
  optionalNorm(graph: Graph, x: string, weights: string | null): string {
    return weights === null ? x : this.norm(graph, x, weights, `${x}.normed`);
  }
}
