// The graphs of a model folder over one data file: that of one sequence and that of several slots, and both once more for a
// feature draft. A checkpoint whose only layers are a feature draft's has only the latter.
import type { Manifest } from '#libs/models/index.js';
import { type Checkpoint, type CheckpointConfig, perLayer } from './checkpoint.js';
import { decoderGraph, type GraphOptions } from './decoder-graph.js';
import { DecoderWeights } from './decoder-weights.js';
import { featuresOf } from './features.js';
import type { ModelFolder } from './model-folder.js';
import { encodeModel } from './onnx/graph.js';
import type { InputMaxima } from './smoothing.js';
import { StoredWeights } from './stored-weights.js';
import { fewestPositions } from './wide-heads.js';

const GRAPHS = { one: 'model.onnx', slots: 'model.batch.onnx' };
const FEATURE_GRAPHS = { one: 'model.features.onnx', slots: 'model.features.batch.onnx' };
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
  const weights = folder.openWeights(WEIGHTS_FILE);
  try {
    const writer = new GraphWriter(folder, new StoredWeights(weights), batchSlots);
    const decoder = new DecoderWeights(checkpoint, maxima);
    const alone = { ...form, readsFeatures: false };
    const batch = config.numLayers === 0 ? null : await writer.write(GRAPHS, config, decoder, alone);
    const featureDraft = config.featureDraft && (await writeFeatureDraft(writer, checkpoint, form));
    folder.finishWeights(WEIGHTS_FILE, weights);
    return { batch, features: form.givesFeatures ? featuresOf(config) : null, featureDraft };
  } finally {
    weights.close();
  }
}

async function writeFeatureDraft(
  writer: GraphWriter,
  checkpoint: Checkpoint,
  { forms, pause }: Pick<GraphOptions, 'forms' | 'pause'>,
): Promise<Manifest['featureDraft']> {
  const { numLayers, slidingWindow, targetLayers: layers, width } = checkpoint.config.featureDraft!;
  const slidingWindows = perLayer(numLayers, () => slidingWindow);
  const config = { ...checkpoint.config, numLayers, slidingWindows };
  const decoder = new DecoderWeights(checkpoint, undefined, 'feature');
  const batch = await writer.write(FEATURE_GRAPHS, config, decoder, {
    forms,
    observed: false,
    layerSkip: false,
    givesFeatures: false,
    readsFeatures: true,
    pause: (what) => pause(`feature draft: ${what}`),
  });
  return { file: FEATURE_GRAPHS.one, numLayers, layers, width, batch };
}

class GraphWriter {
  constructor(
    private readonly folder: ModelFolder,
    private readonly stored: StoredWeights,
    private readonly batchSlots: number,
  ) {}

  /** The graph of one sequence and, if there are to be slots, that of several, of which the manifest is told. */
  async write(
    files: typeof GRAPHS,
    config: CheckpointConfig,
    decoder: DecoderWeights,
    options: Omit<GraphOptions, 'numSlots'>,
  ): Promise<NonNullable<Manifest['batch']> | null> {
    const { folder, stored, batchSlots: numSlots } = this;
    const one = await decoderGraph(config, decoder, stored, { ...options, numSlots: 1 });
    folder.write(files.one, encodeModel(one));
    if (numSlots < 2) return null;
    // A forward of many sessions is the full model's; what is drafted with layers skipped has one of its own.
    const shared = { ...options, layerSkip: false, numSlots, pause: async () => {} };
    folder.write(files.slots, encodeModel(await decoderGraph(config, decoder, stored, shared)));
    return { file: files.slots, numSlots, fewestTokens: fewestPositions(config) };
  }
}
