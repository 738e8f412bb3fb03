// Checkpoint → model folder: graph, weights, tokenizer and manifest. Everything is written to a temporary sibling that is
// renamed at the end, so a killed build never leaves half a model under the real name.
import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  renameSync,
  rmSync,
  statSync,
} from 'node:fs';
import { basename, dirname, join, resolve } from 'node:path';
import { AppError } from '#libs/errors/index.js';
import { MANIFEST_FILE, type Manifest, manifestSchema } from '#libs/models/index.js';
import type { Checkpoint, CheckpointConfig } from './checkpoint.js';
import { type EmbeddingBits, formsOf, type Quantisation } from './forms.js';
import { fitsForm } from './matrix.js';
import { ModelFolder } from './model-folder.js';
import { writeGraphs } from './model-graphs.js';
import { openCheckpoint } from './open-checkpoint.js';
import { type Pacing, pacer } from './pacer.js';
import type { InputMaxima } from './smoothing.js';
import { addTokenizer } from './tokenizer-files.js';

export interface BuildOptions extends Pacing {
  /** A GGUF file, or a hub folder (config.json, safetensors, tokenizer.json). */
  readonly source: string;
  /** The model folder to make; must not exist yet, or be an empty folder. */
  readonly out: string;
  readonly name: string;
  /** SPDX identifier of the weights' licence. */
  readonly license: string;
  /** Default q8. */
  readonly quantisation?: Quantisation;
  /** Bits of the embedding; default the same as the other weights. 4 makes a small draft with a large vocabulary smaller. */
  readonly embeddingBits?: EmbeddingBits;
  /** Whether there is a graph with the `skip_mask` input too; default true, false for drafts (with tokenizerFrom). */
  readonly layerSkip?: boolean;
  /** Whether the graphs give features (features.ts); default true, false for drafts. */
  readonly features?: boolean;
  /** Sequences that can share a forward; default 8, 1: none. */
  readonly batchSlots?: number;
  /** For drafts: a folder with the target's tokenizer.json, to take the fingerprint from; no tokenizer is copied. */
  readonly tokenizerFrom?: string;
  /** Smooths the layers by these observations (smoothing.ts). */
  readonly maxima?: InputMaxima | undefined;
  /** Makes a graph that observes itself (observation.ts), for one sequence and without layer skipping. */
  readonly observed?: boolean;
}

const HEAD_TOKEN_IDS_FILE = 'head-token-ids.bin';

/** More slots cost little at many sessions and a few percent at two (docs/decisions/0016). */
const BATCH_SLOTS = 8;

/** Throws `failed_precondition` for unusable checkpoints and an occupied `out`, `cancelled` after an abort. */
export async function buildModel(options: BuildOptions): Promise<Manifest> {
  const out = resolve(options.out);
  refuseOccupied(out);
  const checkpoint = openCheckpoint(options.source);
  let building: string | undefined;
  try {
    mkdirSync(dirname(out), { recursive: true });
    building = mkdtempSync(join(dirname(out), `.${basename(out)}.building-`));
    const manifest = await fill(new ModelFolder(building), checkpoint, options);
    // mkdtemp makes private folders; a model is for whoever may read its neighbours.
    chmodSync(building, 0o755);
    renameSync(building, out);
    return manifest;
  } catch (error) {
    if (building !== undefined) rmSync(building, { recursive: true, force: true });
    throw error;
  } finally {
    checkpoint.close();
  }
}

function refuseOccupied(out: string): void {
  if (!existsSync(out) || (statSync(out).isDirectory() && readdirSync(out).length === 0)) return;
  throw new AppError(
    'failed_precondition',
    `${out} exists already. Remove it, or choose another output folder.`,
  );
}

async function fill(folder: ModelFolder, checkpoint: Checkpoint, options: BuildOptions): Promise<Manifest> {
  const { config } = checkpoint;
  const quantisation = options.quantisation ?? 'q8';
  const { observed = false } = options;
  const isTarget = !observed && options.tokenizerFrom === undefined;
  checkWidths(checkpoint, quantisation);
  if (isTarget && config.numLayers === 0)
    throw new AppError(
      'failed_precondition',
      `${checkpoint.path} holds a draft that reads its target's features, and nothing else. Build it with --draft-of.`,
    );
  const vocabularyFingerprint = addTokenizer(folder, checkpoint, options.tokenizerFrom);
  const headIds = checkpoint.headTokenIds();
  if (headIds) folder.write(HEAD_TOKEN_IDS_FILE, headIds);
  const numParts =
    config.numLayers + 2 + (config.featureDraft === null ? 0 : config.featureDraft.numLayers + 2);
  const pause = pacer(numParts, options);
  const graphs = await writeGraphs(folder, checkpoint, {
    forms: formsOf(quantisation, options.embeddingBits),
    layerSkip: options.layerSkip ?? isTarget,
    observed,
    givesFeatures: options.features ?? isTarget,
    batchSlots: options.batchSlots ?? (observed ? 1 : BATCH_SLOTS),
    maxima: options.maxima,
    pause,
  });
  await pause('done');
  const manifest = manifestSchema.parse({
    format: 1,
    name: options.name,
    license: options.license,
    quantisation,
    ...graphs,
    headTokenIds: headIds ? HEAD_TOKEN_IDS_FILE : null,
    vocabularyFingerprint,
    ...shapeOf(config),
    files: folder.files,
  });
  folder.write(MANIFEST_FILE, `${JSON.stringify(manifest, null, 2)}\n`);
  return manifest;
}

function shapeOf(config: CheckpointConfig) {
  return {
    architecture: config.architecture,
    vocabSize: config.vocabSize,
    headSize: config.headSize,
    hiddenSize: config.hiddenSize,
    numLayers: config.numLayers,
    numHeads: config.numHeads,
    numKvHeads: config.numKvHeads,
    headDim: config.headDim,
    contextLength: config.contextLength,
    bosTokenId: config.bosTokenId,
    eosTokenIds: config.eosTokenIds,
  };
}

function checkWidths({ path, config }: Checkpoint, quantisation: Quantisation): void {
  const widths = [config.hiddenSize, config.numHeads * config.headDim, config.feedForwardSize];
  if (config.featureDraft !== null) widths.push(config.featureDraft.width);
  if (widths.every((width) => fitsForm(width, quantisation))) return;
  const problem = `its widths (${widths.join(', ')}) are not all multiples of 32, as ${quantisation} needs`;
  throw new AppError('failed_precondition', `${path}: ${problem}. Build it with quantisation f32.`);
}
