// The body of POST /v1/completions.
import { z } from 'zod';
import { modelName, samplingFields } from './sampling-fields.js';

/** Beyond any context: caps the work before the model's own limit is known. */
const MAX_PROMPT_TOKENS = 2 ** 20;

const tokenIds = z.array(z.int().nonnegative()).min(1).max(MAX_PROMPT_TOKENS);

export const completionSchema = z.object({
  model: modelName,
  prompt: z.union([z.string(), z.tuple([z.string()]), z.tuple([tokenIds]), tokenIds], {
    error: 'must be a string, an array of one string, or an array of token ids',
  }),
  ...samplingFields,
});

export type CompletionBody = z.infer<typeof completionSchema>;
