// Which attention and MLP sub-layers a target leaves out when it drafts for itself (Draft & Verify, arXiv 2309.08168), and
// what that was measured to bring: `skip.json` beside the model, written by `outrider tune layer-skip`.
import { join } from 'node:path';
import { z } from 'zod';
import { AppError, validated } from '#libs/errors/index.js';
import { readModelJson, replaceModelJson } from './model-json.js';

export const SKIP_FILE = 'skip.json';

const layers = z.array(z.int().nonnegative());
const measure = z.number().nonnegative();

const skipSetSchema = z.object({
  format: z.literal(1),
  model: z.string(),
  numLayers: z.int().positive(),
  /** Layers whose attention is skipped. */
  attention: layers,
  /** Layers whose MLP is skipped. */
  mlp: layers,
  /** Whether it was measured to pay, so that it drafts by default. */
  isWorthwhile: z.boolean(),
  measured: z.object({
    /** Share of positions at which the skipped model says what the full one does. */
    acceptance: measure,
    /** Time of a skipped forward of one token, as a share of a plain round. */
    cost: measure,
    /** The cost at which drafting with this acceptance neither gains nor loses. */
    breakEvenCost: z.number(),
    /** Tokens a round for which the speed-up is predicted, and was measured. */
    gamma: z.int().positive(),
    predictedSpeedUp: measure,
    measuredSpeedUp: measure,
    trials: z.int().nonnegative(),
  }),
});

export type SkipSet = z.infer<typeof skipSetSchema>;

/** As the graph takes it: attention i at 2i, MLP i at 2i + 1. [2 · numLayers] */
export function skipMask({
  numLayers,
  attention,
  mlp,
}: Pick<SkipSet, 'numLayers' | 'attention' | 'mlp'>): Uint8Array {
  const mask = new Uint8Array(2 * numLayers);
  for (const layer of attention) mask[2 * layer] = 1;
  for (const layer of mlp) mask[2 * layer + 1] = 1;
  return mask;
}

/** The layers that a mask skips. */
export function skippedLayers(mask: ArrayLike<number>): Pick<SkipSet, 'numLayers' | 'attention' | 'mlp'> {
  const skipped = Array.from(mask, (bit, i) => (bit === 0 ? -1 : i)).filter((i) => i >= 0);
  return {
    numLayers: mask.length / 2,
    attention: skipped.filter((i) => i % 2 === 0).map((i) => i / 2),
    mlp: skipped.filter((i) => i % 2 === 1).map((i) => (i - 1) / 2),
  };
}

/**
 * Undefined if the file doesn't exist.
 * @throws AppError failed_precondition that names the file, if it is damaged or belongs to another model.
 */
export async function readSkipSet(
  file: string,
  { name, numLayers }: { readonly name: string; readonly numLayers: number },
): Promise<SkipSet | undefined> {
  const json = await readModelJson(file);
  if (json === undefined) return undefined;
  const set = validated(skipSetSchema, json.value, file);
  const largest = Math.max(-1, ...set.attention, ...set.mlp);
  if (set.model !== name || set.numLayers !== numLayers || largest >= numLayers)
    throw new AppError(
      'failed_precondition',
      `${file} is for ${set.model} with ${set.numLayers} layers, not for ${name} with ${numLayers}; ` +
        'delete it or run "outrider tune layer-skip" again.',
    );
  return set;
}

/** Replaces the file as a whole. */
export async function writeSkipSet(folder: string, set: SkipSet): Promise<string> {
  const file = join(folder, SKIP_FILE);
  await replaceModelJson(file, set);
  return file;
}
