// The graphs of a model folder over one data file: that of one sequence, that of several slots, and that of a feature draft.
import type { Manifest } from '#libs/models/index.js';
import { type Checkpoint, perLayer } from './checkpoint.js';
import { decoderGraph, type GraphOptions } from './decoder-graph.js';
import { DecoderWeights } from './decoder-weights.js';
import { featuresOf } from './features.js';
import type { ModelFolder } from './model-folder.js';
import { encodeModel } from './onnx/graph.js';
import type { InputMaxima } from './smoothing.js';
import { StoredWeights } from './stored-weights.js';
import { fewestPositions } from './wide-heads.js';

const GRAPH_FILE = 'model.onnx';
const BATCH_GRAPH_FILE = 'model.batch.onnx';
const FEATURE_GRAPH_FILE = 'model.features.onnx';
const WEIGHTS_FILE = 'model.onnx.data';

export interface ModelGraphsOptions extends Omit<GraphOptions, 'numSlots' | 'readsFeatures'> {
  /** Fewer than two: no graph of several slots. */
  readonly batchSlots: number;
  readonly maxima?: InputMaxima | undefined;
}

/** What the manifest says of the graphs. */
type Described = Pick<Manifest, 'batch' | 'features' | 'featureDraft'>;

export async function writeGraphs(
  folder: ModelFolder,
  checkpoint: Checkpoint,
  { batchSlots, maxima, ...form }: ModelGraphsOptions,
): Promise<Described> {
  const { config } = checkpoint;
  const options: GraphOptions = { ...form, readsFeatures: false, numSlots: 1 };
  const decoder = new DecoderWeights(checkpoint, maxima);
  const weights = folder.openWeights(WEIGHTS_FILE);
  try {
    const stored = new StoredWeights(weights);
    folder.write(GRAPH_FILE, encodeModel(await decoderGraph(config, decoder, stored, options)));
    if (batchSlots > 1) {
      // A forward of many sessions is the full model's; what is drafted with layers skipped has one of its own.
      const shared = { ...options, layerSkip: false, numSlots: batchSlots, pause: async () => {} };
      folder.write(BATCH_GRAPH_FILE, encodeModel(await decoderGraph(config, decoder, stored, shared)));
    }
    const featureDraft = await writeFeatureDraft(folder, checkpoint, stored, options);
    folder.finishWeights(WEIGHTS_FILE, weights);
    return {
      batch:
        batchSlots < 2
          ? null
          : { file: BATCH_GRAPH_FILE, numSlots: batchSlots, fewestTokens: fewestPositions(config) },
      features: options.givesFeatures ? featuresOf(config) : null,
      featureDraft,
    };
  } finally {
    weights.close();
  }
}

async function writeFeatureDraft(
  folder: ModelFolder,
  checkpoint: Checkpoint,
  stored: StoredWeights,
  options: GraphOptions,
): Promise<Manifest['featureDraft']> {
  const { featureDraft, slidingWindows } = checkpoint.config;
  if (featureDraft === null) return null;
  const { numLayers, targetLayers: layers, width } = featureDraft;
  const config = {
    ...checkpoint.config,
    numLayers,
    slidingWindows: perLayer(numLayers, () => slidingWindows[0] ?? null),
  };
  const decoder = new DecoderWeights(checkpoint, undefined, 'feature');
  const reading = { ...options, layerSkip: false, givesFeatures: false, readsFeatures: true };
  const graph = await decoderGraph(config, decoder, stored, { ...reading, pause: pauseOf(options) });
  folder.write(FEATURE_GRAPH_FILE, encodeModel(graph));
  return { file: FEATURE_GRAPH_FILE, numLayers, layers, width };
}

function pauseOf({ pause }: GraphOptions): GraphOptions['pause'] {
  return (what) => pause(`feature draft: ${what}`);
}
