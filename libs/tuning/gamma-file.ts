// How much to draft for a target, by draft: `gamma.json` beside the target, written by `outrider tune gamma`, with what
// that was measured to bring.
import { join } from 'node:path';
import { z } from 'zod';
import { AppError, validated } from '#libs/errors/index.js';
import { readModelJson, replaceModelJson } from './model-json.js';
import { tunedGammaSchema } from './tuned-gamma.js';

export const GAMMA_FILE = 'gamma.json';
const MOST_PAIRS = 64;

const measure = z.number().nonnegative();

const pairSchema = z.object({
  /** The draft model's name. */
  draft: z.string().min(1),
  setting: tunedGammaSchema,
  /** Whether it was measured to pay, so that it is the default of this pair. */
  isWorthwhile: z.boolean(),
  measured: z.object({
    /** Share of positions at which the draft's first token is right. */
    acceptance: measure,
    /** Time of a drafted token, as a share of a plain round. */
    cost: measure,
    /** The cost at which the best constant length neither gains nor loses. */
    breakEvenCost: z.number(),
    predictedSpeedUp: measure,
    /** In real rounds: the median, and the least and the most of the repeats. */
    measuredSpeedUp: measure,
    spread: z.tuple([measure, measure]),
    /** The same of what requests get without tuning. */
    untunedSpeedUp: measure,
    trials: z.int().nonnegative(),
  }),
});

const fileSchema = z.object({
  format: z.literal(1),
  model: z.string(),
  pairs: z.array(pairSchema).max(MOST_PAIRS),
});

export type GammaPair = z.infer<typeof pairSchema>;

/**
 * No pairs if the file doesn't exist.
 * @throws AppError failed_precondition that names the file, if it is damaged or belongs to another model.
 */
export async function readGammaPairs(folder: string, model: string): Promise<readonly GammaPair[]> {
  const file = join(folder, GAMMA_FILE);
  const json = await readModelJson(file);
  if (json === undefined) return [];
  const found = validated(fileSchema, json.value, file);
  if (found.model === model) return found.pairs;
  throw new AppError(
    'failed_precondition',
    `${file} is for ${found.model}, not for ${model}; delete it or run "outrider tune gamma" again.`,
  );
}

/** Replaces what the file says of this draft, and the file as a whole. @returns The file. */
export async function writeGammaPair(folder: string, model: string, pair: GammaPair): Promise<string> {
  const file = join(folder, GAMMA_FILE);
  const others = (await readGammaPairs(folder, model)).filter(({ draft }) => draft !== pair.draft);
  const pairs = [...others, pair].slice(-MOST_PAIRS);
  await replaceModelJson(file, { format: 1, model, pairs });
  return file;
}
