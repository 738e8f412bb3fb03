// What every part of the graph draws on: the main graph, the data file, and the ways to put weights into both.
import { ARCHITECTURES, type Architecture } from './architectures.js';
import type { CheckpointConfig } from './checkpoint.js';
import type { Forms, MatrixForm } from './forms.js';
import type { Stack } from './layer-weights.js';
import type { Matrix } from './matrix.js';
import type { Graph } from './onnx/graph.js';
import type { StoredWeights } from './stored-weights.js';

/** What a graph is like, the weights' shapes aside. */
export interface GraphForm {
  readonly forms: Forms;
  readonly layerSkip: boolean;
  /** Sequences that share a forward; 1 is the graph of one sequence. */
  readonly numSlots: number;
  /** Whether it tells what goes into its products: see observation.ts. */
  readonly observed: boolean;
  /** Whether it gives its features to whoever fetches them: see features.ts. */
  readonly givesFeatures: boolean;
  /** Whether it is a feature draft's: see feature-input.ts. */
  readonly readsFeatures: boolean;
}

/** What a feature draft has of the stand-alone draft beside it. */
const SHARED: ReadonlySet<string> = new Set(['embedding', 'head', 'rope.cos', 'rope.sin']);

export class GraphParts implements GraphForm {
  readonly architecture: Architecture;
  readonly forms: Forms;
  readonly layerSkip: boolean;
  readonly numSlots: number;
  readonly observed: boolean;
  readonly givesFeatures: boolean;
  readonly readsFeatures: boolean;

  constructor(
    readonly graph: Graph,
    readonly config: CheckpointConfig,
    private readonly stored: StoredWeights,
    form: GraphForm,
  ) {
    this.forms = form.forms;
    this.layerSkip = form.layerSkip;
    this.numSlots = form.numSlots;
    this.observed = form.observed;
    this.givesFeatures = form.givesFeatures;
    this.readsFeatures = form.readsFeatures;
    this.architecture = ARCHITECTURES[config.architecture];
  }

  matrix(name: string, load: () => Stack, form: MatrixForm = this.forms.layers): Matrix {
    return { ...this.stored.matrix(this.storedName(name), load, form), observed: this.observed };
  }

  vector(name: string, load: () => Float32Array): string {
    return this.table(name, undefined, load);
  }

  /** Null for what the architecture has not. */
  optionalVector(name: string, values: (() => Float32Array) | null): string | null {
    return values === null ? null : this.vector(name, values);
  }

  /** @param dims Default: those of a vector. */
  table(name: string, dims: readonly number[] | undefined, load: () => Float32Array): string {
    const place = this.stored.floats(this.storedName(name), load);
    return this.graph.external(name, 'float32', dims ?? [place.bytes / 4], place);
  }

  /** Root mean square norm over the last axis; the node goes to `graph`, a branch or the main graph. */
  norm(graph: Graph, x: string, weights: string, output: string): string {
    const attributes = { axis: { int: -1 }, epsilon: { float: this.config.rmsEpsilon } };
    return graph.node('SimplifiedLayerNormalization', [x, weights], [output], attributes);
  }

  private storedName(name: string): string {
    return this.readsFeatures && !SHARED.has(name) ? `feature.${name}` : name;
  }

  /** `x` itself if there are no weights. */
  optionalNorm(graph: Graph, x: string, weights: string | null): string {
    return weights === null ? x : this.norm(graph, x, weights, `${x}.normed`);
  }
}
