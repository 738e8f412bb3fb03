// The body of POST /v1/responses, and what of OpenAI's fields is refused there: this server keeps no responses.
import { z } from 'zod';
import { optionalField } from '../http/optional-field.js';
import { is, isEmpty, never, type RefusedFields } from '../http/refused-fields.js';
import { extensionFields } from '../openai/extension-fields.js';
import { modelName, samplingFields } from '../openai/sampling-fields.js';
import { inputItem } from './input-item-schema.js';
import { asksForNoLogprobs } from './neutral-values.js';
import { textConfig } from './text-format.js';
import { toolFields } from './tool-fields.js';

const MAX_ITEMS = 4096;
const MAX_METADATA = 16;
const MAX_METADATA_KEY = 64;
const MAX_METADATA_VALUE = 512;

const metadata = z
  .record(z.string().max(MAX_METADATA_KEY), z.string().max(MAX_METADATA_VALUE))
  .refine((pairs) => Object.keys(pairs).length <= MAX_METADATA, `must hold at most ${MAX_METADATA} pairs`);

const { temperature, top_p, stop, stream, user } = samplingFields;

export const responsesSchema = z.object({
  model: modelName,
  input: z.union([z.string().min(1), z.array(inputItem).min(1).max(MAX_ITEMS)], {
    error: 'must be a text or an array of items',
  }),
  instructions: optionalField(z.string()),
  max_output_tokens: optionalField(z.int().min(1)),
  temperature,
  top_p,
  metadata: optionalField(metadata),
  ...toolFields,
  text: optionalField(textConfig),
  stream,
  user,
  ...extensionFields,
  /** Not OpenAI's here, but of use. */
  stop,
});

export type ResponsesBody = z.infer<typeof responsesSchema>;

export const RESPONSES_REFUSED: RefusedFields = {
  store: is(false),
  previous_response_id: never,
  conversation: never,
  background: is(false),
  prompt: never,
  truncation: is('disabled'),
  context_management: isEmpty,
  moderation: never,
  include: asksForNoLogprobs,
  top_logprobs: is(0),
};
