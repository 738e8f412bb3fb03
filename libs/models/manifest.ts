// What a model folder says of itself: `outrider.json`, beside the graph, its weights and (for targets) the tokenizer.
import { z } from 'zod';
import { relativePathSchema } from './relative-path.js';

export const MANIFEST_FILE = 'outrider.json';

const fileSchema = z.object({ bytes: z.int().nonnegative(), sha256: z.string().regex(/^[0-9a-f]{64}$/) });

const batchSchema = z.object({
  file: relativePathSchema,
  numSlots: z.int().min(2),
  /** Tokens, cached ones included, that attention must be given of a sequence: pad what is missing. */
  fewestTokens: z.int().positive(),
});

/** Of which layers of the target (counted from 0) the residual streams are joined, and how many numbers that makes. */
const featureShapeSchema = z.object({
  layers: z.array(z.int().nonnegative()).min(1),
  width: z.int().positive(),
});

export const manifestSchema = z.object({
  format: z.literal(1),
  name: z.string().min(1),
  architecture: z.enum(['llama', 'qwen2', 'qwen3', 'gemma2']),
  quantisation: z.enum(['q8', 'q8b64', 'q4', 'w8', 'f32']),
  vocabSize: z.int().positive(),
  /** Rows of the head: vocabSize, or fewer with a reduced head. */
  headSize: z.int().positive(),
  /** File of little-endian uint32 token ids, one a head row; null when the head is whole. */
  headTokenIds: z.string().nullable(),
  hiddenSize: z.int().positive(),
  /** 0 of a feature draft that has nothing beside it. */
  numLayers: z.int().nonnegative(),
  numHeads: z.int().positive(),
  numKvHeads: z.int().positive(),
  headDim: z.int().positive(),
  contextLength: z.int().positive(),
  /**
   * Whether model.onnx itself has the `skip_mask` input (bool [2 · numLayers]: attention i at 2i, MLP i at 2i + 1), as in folders
   * that don't say `skipGraph`.
   */
  layerSkip: z.boolean(),
  /** The graph of one sequence with that input, over the same weights; null: layers can't be skipped. */
  skipGraph: relativePathSchema.nullable().optional(),
  /**
   * The graph of several slots over the same weights; null where sequences don't share forwards. A folder that doesn't say
   * was built before there was one.
   */
  batch: batchSchema.nullable().optional(),
  /** The rows that the graphs give as `features` to whoever fetches them; a folder that doesn't say was built before. */
  features: featureShapeSchema.nullable().optional(),
  /** The graph of a draft that reads its target's features, over the same weights; null or absent: there is none. */
  featureDraft: featureShapeSchema
    .extend({
      file: relativePathSchema,
      numLayers: z.int().positive(),
      batch: batchSchema.nullable().optional(),
    })
    .nullable()
    .optional(),
  bosTokenId: z.int().nonnegative().nullable(),
  eosTokenIds: z.array(z.int().nonnegative()),
  /** SHA-256 of the ordered vocabulary (libs/tokenizer); draft and target must agree. */
  vocabularyFingerprint: z.string().regex(/^[0-9a-f]{64}$/),
  license: z.string(),
  /** Every other file of the folder. */
  files: z.record(relativePathSchema, fileSchema),
});

export type Manifest = z.infer<typeof manifestSchema>;

/** Whether there is a graph whose layers can be skipped. */
export function canSkipLayers({ layerSkip, skipGraph }: Pick<Manifest, 'layerSkip' | 'skipGraph'>): boolean {
  return layerSkip || typeof skipGraph === 'string';
}
