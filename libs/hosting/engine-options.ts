// From a model folder to what the engine wants to know of it.
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { EngineOptions } from '#libs/engine/index.js';
import { AppError } from '#libs/errors/index.js';
import { canSkipLayers, type ModelFolder } from '#libs/models/index.js';
import type { HostingConfig } from './config.js';

export const GRAPH_FILE = 'model.onnx';

interface EngineUse {
  readonly threads: number;
  readonly exact: boolean;
  readonly skipsLayers?: boolean;
  readonly readsFeatures?: boolean;
}

/**
 * @param exact Bitwise the same logits in any chunking: for targets.
 * @param skipsLayers Whether the target may draft for itself with layers skipped: its graph for that does everything.
 * @param readsFeatures Of a draft: whether to open the graph that reads its target's features.
 */
export function engineOptions(
  { folder, manifest }: ModelFolder,
  config: HostingConfig,
  { threads, exact, skipsLayers = false, readsFeatures }: EngineUse,
): EngineOptions {
  const { numLayers, numKvHeads, headDim, hiddenSize, headSize, contextLength } = manifest;
  const skipGraph = skipsLayers ? manifest.skipGraph : null;
  const { batch, features, featureDraft } = manifest;
  return {
    model: {
      graphPath: join(folder, skipGraph ?? GRAPH_FILE),
      numLayers,
      numKvHeads,
      headDim,
      hiddenSize,
      headSize,
      contextLength,
      layerSkip: skipsLayers ? canSkipLayers(manifest) : manifest.layerSkip,
      batch,
      features,
      featureDraft,
      threads,
      exact,
    },
    kvBytes: config.OUTRIDER_KV_BYTES,
    slotTtlMs: config.OUTRIDER_SLOT_TTL_MS,
    readsFeatures,
  };
}

/** Token id of each head row; undefined when the head is whole. */
export async function readHeadTokenIds({ folder, manifest }: ModelFolder): Promise<Uint32Array | undefined> {
  if (manifest.headTokenIds === null) return undefined;
  const file = join(folder, manifest.headTokenIds);
  const bytes = await readFile(file);
  if (bytes.length !== 4 * manifest.headSize)
    throw new AppError(
      'failed_precondition',
      `${file} has ${bytes.length} bytes instead of ${4 * manifest.headSize}.`,
    );
  const ids = new Uint32Array(bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.length));
  const outside = ids.find((id) => id >= manifest.vocabSize);
  if (outside !== undefined)
    throw new AppError(
      'failed_precondition',
      `${file} names token ${outside} of a vocabulary of ${manifest.vocabSize}.`,
    );
  return ids;
}
