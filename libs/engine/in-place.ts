// Keeps the KV cache out of the binding's way. onnxruntime-node copies every fetched output into a new buffer, which for
// a whole KV cache costs more than the forward itself. The graph's first output, `__stop`, is a sequence: the run
// completes, every preallocated tensor is written, then converting the sequence throws before any copy is made.
// This leans on a quirk of the pinned version (1.30.0), so `Model.load` proves it with a probe before relying on it.
import { type InferenceSession, type OnnxValue, Tensor } from 'onnxruntime-node';
import { graphInputs } from './graph-inputs.js';
import { KvCache } from './kv-cache.js';
import { type ModelOptions, sideWidthsOf, subLayersOf } from './model-options.js';
import { SideTensors } from './side-tensors.js';

const STOP_OUTPUT = '__stop';
const EXPECTED = 'Non tensor type';

type Tensors = Record<string, Tensor>;

/** Runs the graph so that only the preallocated `fetches` are written; nothing is copied. */
export async function runInPlace(session: InferenceSession, feeds: Tensors, fetches: Tensors): Promise<void> {
  try {
    await session.run(feeds, { [STOP_OUTPUT]: null, ...fetches } as Record<string, OnnxValue | null>);
  } catch (error) {
    if (error instanceof Error && error.message.includes(EXPECTED)) return;
    throw error;
  }
  throw new Error('The graph has no sequence output that stops the copying of results.');
}

/** The slow twin of runInPlace: fetches by copy and copies into the same preallocated tensors. */
export async function runCopying(session: InferenceSession, feeds: Tensors, fetches: Tensors): Promise<void> {
  const results = await session.run(feeds, Object.keys(fetches));
  for (const [name, tensor] of Object.entries(fetches))
    (tensor.data as Float32Array).set(results[name]!.data as Float32Array);
}

/** Whether running in place leaves the same logits and keys as fetching by copy, on two tokens. */
export async function canRunInPlace(session: InferenceSession, options: ModelOptions): Promise<boolean> {
  if (session.outputNames[0] !== STOP_OUTPUT) return false;
  const { headSize, numLayers } = options;
  const key = `present.${numLayers - 1}.k`;
  const sides = new SideTensors(sideWidthsOf(options)).feeds([{ tokens: [0, 1], rows: 2 }], 2);
  const outcome = async (run: typeof runInPlace): Promise<Float32Array[]> => {
    const cache = new KvCache(options);
    const logits = new Tensor('float32', new Float32Array(2 * headSize), [1, 2, headSize]);
    const subLayers = subLayersOf(options);
    const inputs = graphInputs({ tokens: [0, 1], past: 0, firstRow: 0, rows: 2, subLayers });
    await run(session, { ...inputs, ...sides, ...cache.feeds }, { ...cache.fetches, logits });
    return [logits.data, cache.fetches[key]!.data] as Float32Array[];
  };
  try {
    const [inPlace, copied] = [await outcome(runInPlace), await outcome(runCopying)];
    return inPlace.every(
      (values, part) => values.some((v) => v !== 0) && values.every((v, i) => v === copied[part]![i]),
    );
  } catch {
    return false;
  }
}
