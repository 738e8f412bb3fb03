// The fields that chat and plain completions share, with OpenAI's ranges and vLLM's extras.
import { z } from 'zod';
import { MAX_SESSION_ID_LENGTH } from '#libs/session/index.js';
import { DRAFT_METHODS, GAMMA_CONTROLLERS, OPTIMISTIC_CHOICES } from '#libs/speculative/index.js';
import { optionalField } from '../http/optional-field.js';
import { PRIORITY_RANGE } from '../limits/key-priorities.js';
import { grammarFields } from './grammar-fields.js';

const MAX_STOP_STRINGS = 16;
const MAX_STOP_LENGTH = 256;
const MAX_STOP_TOKEN_IDS = 256;
const MAX_BAD_WORDS = 256;
const MAX_LOGIT_BIAS = 1024;
/** A day: beyond any answer. */
const MAX_TIMEOUT_SECONDS = 86_400;
/** Names, ids: long enough for any sane one. */
const MAX_NAME_LENGTH = 256;

const stopString = z.string().min(1).max(MAX_STOP_LENGTH);

export const modelName = z.string().min(1).max(MAX_NAME_LENGTH);

/** A JSON number holds integers beyond 2^53 only roughly; the same number still gives the same seed. */
const seed = z
  .number()
  .refine(
    (value) => Number.isInteger(value) && value >= -(2 ** 63) && value < 2 ** 64,
    'must be an integer of 64 bits',
  );

const penalty = z.number().min(-2).max(2);

const tokenIds = z.array(
  z
    .int()
    .nonnegative()
    .max(2 ** 32 - 1),
);

/** Token ids are JSON keys: strings of digits. */
const logitBias = z
  .record(z.string().regex(/^\d{1,9}$/, 'must be a token id'), z.number().min(-100).max(100))
  .refine((bias) => Object.keys(bias).length <= MAX_LOGIT_BIAS, `must hold at most ${MAX_LOGIT_BIAS} tokens`)
  .transform(
    (bias): ReadonlyMap<number, number> => new Map(Object.entries(bias).map(([id, by]) => [Number(id), by])),
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
  min_p: optionalField(z.number().min(0).max(1)),
  typical_p: optionalField(z.number().gt(0).max(1)),
  frequency_penalty: optionalField(penalty),
  presence_penalty: optionalField(penalty),
  /** Beyond 10 nothing but the penalty would speak. */
  repetition_penalty: optionalField(z.number().gt(0).max(10)),
  logit_bias: optionalField(logitBias),
  allowed_token_ids: optionalField(tokenIds.min(1)),
  bad_words: optionalField(z.array(stopString).max(MAX_BAD_WORDS)),
  min_tokens: optionalField(
    z
      .int()
      .min(0)
      .max(2 ** 20),
  ),
  stop_token_ids: optionalField(tokenIds.max(MAX_STOP_TOKEN_IDS)),
  ignore_eos: optionalField(z.boolean()),
  seed: optionalField(seed),
  stop: optionalField(z.union([stopString, z.array(stopString).max(MAX_STOP_STRINGS)])),
  stream: optionalField(z.boolean()),
  stream_options: optionalField(z.object({ include_usage: optionalField(z.boolean()) })),
  ...grammarFields,
  user: optionalField(z.string()),
  session_id: optionalField(sessionId),
  cache_salt: optionalField(z.string().min(1).max(512)),
  priority: optionalField(z.int().min(PRIORITY_RANGE.min).max(PRIORITY_RANGE.max)),
  timeout: optionalField(z.number().gt(0).max(MAX_TIMEOUT_SECONDS)),
  /** Our extension: how to speculate. */
  speculation: optionalField(
    z.object({
      enabled: optionalField(z.boolean()),
      num_speculative_tokens: optionalField(z.int().min(0).max(16)),
      method: optionalField(z.enum(DRAFT_METHODS)),
      controller: optionalField(z.enum(GAMMA_CONTROLLERS)),
      optimistic: optionalField(z.enum(OPTIMISTIC_CHOICES)),
      verification: optionalField(z.enum(['ratio', 'block', 'coupled'])),
      draft_mode: optionalField(z.enum(['sampled', 'deterministic'])),
    }),
  ),
};

const samplingSchema = z.object(samplingFields);

/** The fields once they are checked. */
export type SamplingFields = z.infer<typeof samplingSchema>;
