// What answers of /tokenize and /detokenize look like, for the API document.
import { z } from 'zod';

const count = z.int().min(0);

export const tokenization = z.object({
  count,
  /** The context length. */
  max_model_len: count,
  tokens: z.array(count),
  /** As the vocabulary spells them, if asked for. */
  token_strs: z.array(z.string()).nullable(),
});

export const detokenization = z.object({ prompt: z.string() });
