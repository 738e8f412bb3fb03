// The graphs of a model folder: that of one sequence, and that of several slots, over one data file.
import type { Manifest } from '#libs/models/index.js';
import type { CheckpointConfig } from './checkpoint.js';
import { decoderGraph, type GraphOptions } from './decoder-graph.js';
import type { DecoderWeights } from './decoder-weights.js';
import type { ModelFolder } from './model-folder.js';
import { encodeModel } from './onnx/graph.js';
import { StoredWeights } from './stored-weights.js';
import { fewestPositions } from './wide-heads.js';

const GRAPH_FILE = 'model.onnx';
const BATCH_GRAPH_FILE = 'model.batch.onnx';
const WEIGHTS_FILE = 'model.onnx.data';

/** @param batchSlots Fewer than two: no second graph. Returns what the manifest says of it. */
export async function writeGraphs(
  folder: ModelFolder,
  config: CheckpointConfig,
  decoder: DecoderWeights,
  options: Omit<GraphOptions, 'numSlots'>,
  batchSlots: number,
): Promise<NonNullable<Manifest['batch']> | null> {
  const weights = folder.openWeights(WEIGHTS_FILE);
  try {
    const stored = new StoredWeights(weights);
    const single = await decoderGraph(config, decoder, stored, { ...options, numSlots: 1 });
    folder.write(GRAPH_FILE, encodeModel(single));
    if (batchSlots > 1) {
      // A forward of many sessions is the full model's; what is drafted with layers skipped has one of its own.
      const shared = { ...options, layerSkip: false, numSlots: batchSlots, pause: async () => {} };
      folder.write(BATCH_GRAPH_FILE, encodeModel(await decoderGraph(config, decoder, stored, shared)));
    }
    folder.finishWeights(WEIGHTS_FILE, weights);
  } finally {
    weights.close();
  }
  if (batchSlots < 2) return null;
  return { file: BATCH_GRAPH_FILE, numSlots: batchSlots, fewestTokens: fewestPositions(config) };
}
