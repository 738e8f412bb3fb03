// One residual sub-layer (attention or MLP) in the graph: always computed, or behind an `If` that the skip mask drives.
// With the `If`, one session is the full target and every layer-skipped draft of it (self-speculation, arxiv.org/abs/2309.08168).
import type { Dims } from './onnx/graph.js';
import { Graph } from './onnx/graph.js';

/** A tensor that a sub-layer renews: the residual stream, or a KV buffer. */
export interface Renewed {
  readonly input: string;
  readonly output: string;
  readonly dims: Dims;
}

export interface SubLayer {
  readonly name: string;
  /** Name of the bool [1] that skips it, or null to compute it always. */
  readonly skip: string | null;
  readonly renewed: readonly Renewed[];
  /** Adds the nodes that compute `outputs`, one for each of `renewed`. */
  readonly compute: (graph: Graph, outputs: readonly string[]) => void;
}

export function addSubLayer(graph: Graph, { name, skip, renewed, compute }: SubLayer): void {
  const outputs = renewed.map(({ output }) => output);
  if (skip === null) {
    compute(graph, outputs);
    return;
  }
  // A skipped sub-layer hands its inputs on. For KV that is a copy of a buffer onto itself, which ONNX Runtime omits.
  const skipped = branch(`${name}.skipped`, renewed, (body, names) => {
    for (const [i, { input }] of renewed.entries()) body.node('Identity', [input], [names[i]!]);
  });
  const computed = branch(`${name}.computed`, renewed, compute);
  graph.node('If', [skip], outputs, { then_branch: { graph: skipped }, else_branch: { graph: computed } });
}

function branch(name: string, renewed: readonly Renewed[], fill: SubLayer['compute']): Graph {
  const body = new Graph(name);
  const names = renewed.map(({ output }) => `${name}.${output}`);
  fill(body, names);
  for (const [i, { dims }] of renewed.entries()) body.output(names[i]!, 'float32', dims);
  return body;
}
