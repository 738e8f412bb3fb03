// The fields that chat and plain completions share, with OpenAI's ranges and vLLM's extras.
import { z } from 'zod';
import { optionalField } from './optional-field.js';

const MAX_STOP_STRINGS = 16;
const MAX_STOP_LENGTH = 256;
/** Names, ids: long enough for any sane one. */
const MAX_NAME_LENGTH = 256;
const MAX_SESSION_ID_LENGTH = 512;

const stopString = z.string().min(1).max(MAX_STOP_LENGTH);

export const modelName = z.string().min(1).max(MAX_NAME_LENGTH);

/** A JSON number holds integers beyond 2^53 only roughly; the same number still gives the same seed. */
const seed = z
  .number()
  .refine(
    (value) => Number.isInteger(value) && value >= -(2 ** 63) && value < 2 ** 64,
    'must be an integer of 64 bits',
  );

export const sessionId = z.string().min(1).max(MAX_SESSION_ID_LENGTH);

export const samplingFields = {
  max_tokens: optionalField(z.int().min(1)),
  temperature: optionalField(z.number().min(0).max(2)),
  top_p: optionalField(z.number().gt(0).max(1)),
  /** vLLM's -1 and 0 both keep all tokens. */
  top_k: optionalField(
    z
      .int()
      .min(-1)
      .max(2 ** 31 - 1),
  ),
  seed: optionalField(seed),
  stop: optionalField(z.union([stopString, z.array(stopString).max(MAX_STOP_STRINGS)])),
  stream: optionalField(z.boolean()),
  stream_options: optionalField(z.object({ include_usage: optionalField(z.boolean()) })),
  user: optionalField(z.string()),
  session_id: optionalField(sessionId),
  /** Our extension: how to speculate. */
  speculation: optionalField(
    z.object({
      enabled: optionalField(z.boolean()),
      num_speculative_tokens: optionalField(z.int().min(0).max(16)),
      method: optionalField(z.literal('draft_model')),
    }),
  ),
};
