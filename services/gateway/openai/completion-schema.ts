// The body of POST /v1/completions.
import { z } from 'zod';
import { optionalField } from '../http/optional-field.js';
import { answerFields, numAlternatives } from './answer-fields.js';
import { modelName, samplingFields } from './sampling-fields.js';

/** Beyond any context: caps the work before the model's own limit is known. */
const MAX_PROMPT_TOKENS = 2 ** 20;

const tokenIds = z.array(z.int().nonnegative()).min(1).max(MAX_PROMPT_TOKENS);

const prompts = <Schema extends z.ZodType>(prompt: Schema) => z.array(prompt).min(1);

export const completionSchema = z.object({
  model: modelName,
  prompt: z.union([z.string(), prompts(z.string()), prompts(tokenIds), tokenIds], {
    error: 'must be a string, an array of token ids, or an array of one kind of these',
  }),
  ...samplingFields,
  ...answerFields,
  /** 0 only reads the prompt: for its log probabilities. */
  max_tokens: optionalField(z.int().min(0)),
  logprobs: optionalField(numAlternatives),
  echo: optionalField(z.boolean()),
});

export type CompletionBody = z.infer<typeof completionSchema>;
