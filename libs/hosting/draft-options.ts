// From a draft's folder to what opens it, in this thread or in another.
import type { EngineOptions } from '#libs/engine/index.js';
import type { ModelFolder } from '#libs/models/index.js';
import type { FeatureLayout } from '#libs/speculative/index.js';
import type { HostingConfig } from './config.js';
import { engineOptions, readHeadTokenIds } from './engine-options.js';

export interface DraftOptions {
  readonly engine: EngineOptions;
  /** Token id of each head row; undefined when the head is whole. */
  readonly headTokenIds: Uint32Array | undefined;
  readonly vocabSize: number;
  /** Of the target: those that the draft is going to read. */
  readonly features: FeatureLayout | undefined;
}

export interface DraftUse {
  readonly threads: number;
  readonly batching: boolean;
  /** Whether the draft may read features, if its folder has a graph that does. */
  readonly mayRead: (features: FeatureLayout) => boolean;
}

export async function draftOptions(
  model: ModelFolder,
  config: HostingConfig,
  { threads, batching, mayRead }: DraftUse,
): Promise<DraftOptions> {
  const { featureDraft, numLayers, vocabSize } = model.manifest;
  const layout = featureDraft ? { layers: featureDraft.layers, width: featureDraft.width } : undefined;
  const features = layout && mayRead(layout) ? layout : undefined;
  // What has no layers to stand alone with reads zeros.
  const readsFeatures = features !== undefined || numLayers === 0;
  const engine = engineOptions(model, config, { threads, exact: false, readsFeatures });
  return {
    engine: { ...engine, batching },
    headTokenIds: await readHeadTokenIds(model),
    vocabSize,
    features,
  };
}
