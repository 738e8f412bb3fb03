// Runs a graph that observes itself (libs/builder/observation.ts) and gathers what it saw.
import { InferenceSession, type Tensor } from 'onnxruntime-node';
import { graphInputs } from './graph-inputs.js';
import { KvCache, type KvShape } from './kv-cache.js';

export interface ObservedGraph extends KvShape {
  /** The .onnx file; its weights lie beside it. */
  readonly graphPath: string;
  readonly threads: number;
}

const SUFFIX = '.input_max';

/**
 * For each output `<matrix>.input_max`, under the matrix's name: the largest magnitude of each channel over all sequences.
 * @throws the signal's reason when aborted, between two sequences.
 */
export async function inputMaxima(
  graph: ObservedGraph,
  sequences: readonly (readonly number[])[],
  signal?: AbortSignal,
): Promise<Map<string, Float32Array>> {
  const session = await InferenceSession.create(graph.graphPath, {
    intraOpNumThreads: graph.threads,
    logSeverityLevel: 3,
  });
  const maxima = new Map<string, Float32Array>();
  try {
    for (const tokens of sequences) {
      signal?.throwIfAborted();
      for (const [output, { data }] of Object.entries(await observations(session, graph, tokens))) {
        const seen = data as Float32Array;
        const name = output.slice(0, -SUFFIX.length);
        maxima.set(name, maxima.get(name)?.map((max, i) => Math.max(max, seen[i]!)) ?? seen);
      }
    }
  } finally {
    await session.release();
  }
  return maxima;
}

async function observations(
  session: InferenceSession,
  shape: KvShape,
  tokens: readonly number[],
): Promise<Record<string, Tensor>> {
  const cache = new KvCache(shape);
  cache.reserve(tokens.length);
  const inputs = graphInputs({ tokens, past: 0, firstRow: 0, rows: 1, subLayers: 0 });
  const outputs = session.outputNames.filter((name) => name.endsWith(SUFFIX));
  return (await session.run({ ...inputs, ...cache.feeds }, outputs)) as Record<string, Tensor>;
}
