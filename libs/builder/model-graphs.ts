// The graphs of a model folder over one data file: that of one sequence, that of several slots and, for targets, that whose
// layers can be skipped; the first two once more for a feature draft, and only they where nothing stands alone.
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
/** A file of its own: an `If` around every sub-layer costs each forward, and few targets draft for themselves. */
const SKIP_GRAPH = 'model.skip.onnx';
const WEIGHTS_FILE = 'model.onnx.data';

export interface ModelGraphsOptions extends Omit<GraphOptions, 'numSlots' | 'readsFeatures'> {
  /** Fewer than two: no graph of several slots. */
  readonly batchSlots: number;
  readonly maxima?: InputMaxima | undefined;
}

/** What the manifest says of the graphs. */
type Described = Pick<Manifest, 'layerSkip' | 'skipGraph' | 'batch' | 'features' | 'featureDraft'>;

export async function writeGraphs(
  folder: ModelFolder,
  checkpoint: Checkpoint,
  { batchSlots, maxima, layerSkip, ...form }: ModelGraphsOptions,
): Promise<Described> {
  const { config } = checkpoint;
  const weights = folder.openWeights(WEIGHTS_FILE);
  try {
    const writer = new GraphWriter(folder, new StoredWeights(weights), batchSlots);
    const decoder = new DecoderWeights(checkpoint, maxima);
    const options = { ...form, readsFeatures: false };
    const standsAlone = config.numLayers > 0;
    const batch = standsAlone ? await writer.write(GRAPHS, config, decoder, options) : null;
    const skips = standsAlone && layerSkip;
    const skipGraph = skips ? await writer.writeSkippable(config, decoder, options) : null;
    const featureDraft = config.featureDraft && (await writeFeatureDraft(writer, checkpoint, form));
    folder.finishWeights(WEIGHTS_FILE, weights);
    return {
      layerSkip: false,
      skipGraph,
      batch,
      features: form.givesFeatures ? featuresOf(config) : null,
      featureDraft,
    };
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
    givesFeatures: false,
    readsFeatures: true,
    pause: (what) => pause(`feature draft: ${what}`),
  });
  return { file: FEATURE_GRAPHS.one, numLayers, layers, width, batch };
}

type WriteOptions = Omit<GraphOptions, 'layerSkip' | 'numSlots'>;

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
    options: WriteOptions,
  ): Promise<NonNullable<Manifest['batch']> | null> {
    const { folder, stored, batchSlots: numSlots } = this;
    const one = await decoderGraph(config, decoder, stored, { ...options, layerSkip: false, numSlots: 1 });
    folder.write(files.one, encodeModel(one));
    if (numSlots < 2) return null;
    const shared = { ...options, layerSkip: false, numSlots, pause: async () => {} };
    folder.write(files.slots, encodeModel(await decoderGraph(config, decoder, stored, shared)));
    return { file: files.slots, numSlots, fewestTokens: fewestPositions(config) };
  }

  /** Of one sequence: a forward of many sessions is the full model's. Returns the file. */
  async writeSkippable(
    config: CheckpointConfig,
    decoder: DecoderWeights,
    options: WriteOptions,
  ): Promise<string> {
    const skippable = { ...options, layerSkip: true, numSlots: 1, pause: async () => {} };
    const graph = await decoderGraph(config, decoder, this.stored, skippable);
    this.folder.write(SKIP_GRAPH, encodeModel(graph));
    return SKIP_GRAPH;
  }
}
