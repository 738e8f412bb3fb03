// What the builder wants to know of a checkpoint, whatever file it came from. Tensors have Hugging Face names and layouts.
import { z } from 'zod';
import { type ArchitectureName, isArchitecture } from './architectures.js';
import { damaged } from './damaged.js';

const size = (max: number) => z.int().positive().max(max);
const tokenId = z.int().nonnegative();
const MAX_LAYERS = 512;

const featureDraftSchema = z
  .object({
    numLayers: size(MAX_LAYERS),
    /** Of the target, counted from 0: the residual streams behind them. */
    targetLayers: z.array(z.int().nonnegative().max(MAX_LAYERS)).min(1).max(16),
    targetHiddenSize: size(65_536),
    /** As slidingWindows, of all its layers. */
    slidingWindow: size(1_048_576).nullable(),
  })
  .transform((draft) => ({ ...draft, width: draft.targetLayers.length * draft.targetHiddenSize }));

const configSchema = z
  .object({
    architecture: z.custom<ArchitectureName>(isArchitecture),
    name: z.string().nullable(),
    license: z.string().nullable(),
    vocabSize: size(4_194_304),
    /** Rows of the head; fewer than vocabSize if the checkpoint has a reduced head. */
    headSize: size(4_194_304),
    hiddenSize: size(65_536),
    /** 0: there is a feature draft only. */
    numLayers: z.int().nonnegative().max(MAX_LAYERS),
    numHeads: size(1_024),
    numKvHeads: size(1_024),
    headDim: size(1_024).refine((dim) => dim % 2 === 0, 'must be even'),
    feedForwardSize: size(1_048_576),
    contextLength: size(1_048_576),
    ropeTheta: z.number().positive(),
    rmsEpsilon: z.number().positive().max(0.1),
    tiedHead: z.boolean(),
    /** What embeddings are multiplied by. */
    embeddingScale: z.number().positive(),
    /** What the values of norm tensors lack: 1 where the file keeps the weights' distance from 1. */
    normOffset: z.literal([0, 1]),
    /** What products of queries and keys are multiplied by. */
    attentionScale: z.number().positive(),
    /** c · tanh(x / c) is applied to attention scores; null means not. */
    attentionSoftcap: z.number().positive().nullable(),
    /** The same for logits. */
    logitSoftcap: z.number().positive().nullable(),
    /** For each layer, the positions that attention sees, its own included; null means all. */
    slidingWindows: z.array(size(1_048_576).nullable()),
    /** A second stack of layers over the same embedding and head, which reads a target's features. */
    featureDraft: featureDraftSchema.nullable().default(null),
    bosTokenId: tokenId.nullable(),
    eosTokenIds: z.array(tokenId),
  })
  .refine((c) => c.numHeads % c.numKvHeads === 0, 'numHeads must be a multiple of numKvHeads')
  .refine((c) => c.numLayers > 0 || c.featureDraft !== null, 'numLayers must be at least 1')
  .refine((c) => c.slidingWindows.length === c.numLayers, 'every layer must have its sliding window')
  .refine((c) => c.headSize <= c.vocabSize, 'the head cannot have more rows than the vocabulary')
  .refine(
    (c) => [c.bosTokenId ?? 0, ...c.eosTokenIds].every((id) => id < c.vocabSize),
    'bos and eos ids must be in the vocabulary',
  );

export type CheckpointConfig = Readonly<z.infer<typeof configSchema>>;

/** Parsed contents of tokenizer.json and tokenizer_config.json (chat template included). */
export interface TokenizerFiles {
  readonly tokenizer: Readonly<Record<string, unknown>>;
  readonly config: Readonly<Record<string, unknown>>;
}

export interface Checkpoint {
  readonly path: string;
  readonly config: CheckpointConfig;
  readonly tensorNames: readonly string[];
  /** Token id of each head row, or null if row i is token i. */
  headTokenIds(): Uint32Array | null;
  /** Row-major float32 values; throws `failed_precondition` if it is missing, damaged or not of that shape. */
  tensor(name: string, shape: readonly number[]): Float32Array;
  /** The tokenizer that came with the weights, or null. */
  tokenizer(): TokenizerFiles | null;
  close(): void;
}

/** One value for each layer. None for an impossible number of layers, which `checkConfig` then complains of. */
export function perLayer<T>(numLayers: unknown, value: (layer: number) => T): T[] {
  const count = Number.isInteger(numLayers) ? Math.min(Math.max(Number(numLayers), 0), MAX_LAYERS) : 0;
  return Array.from({ length: count }, (_, layer) => value(layer));
}

/** Checks sizes and ids that a file claims; the error names the file and each bad value. */
export function checkConfig(file: string, config: unknown): CheckpointConfig {
  const result = configSchema.safeParse(config);
  if (result.success) return result.data;
  const issues = result.error.issues.map(({ path, message }) =>
    [path.join('.'), message].filter(Boolean).join(': '),
  );
  throw damaged(file, `the configuration is impossible (${issues.join('; ')})`);
}

/** Throws unless both shapes are the same; called before any memory is taken. */
export function checkShape(
  file: string,
  name: string,
  actual: readonly number[],
  expected: readonly number[],
): void {
  if (actual.length === expected.length && actual.every((dim, i) => dim === expected[i])) return;
  throw damaged(file, `tensor ${name} has shape [${actual}], but its configuration implies [${expected}]`);
}
