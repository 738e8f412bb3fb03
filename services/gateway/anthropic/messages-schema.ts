// The bodies of POST /v1/messages and /v1/messages/count_tokens, and what of Anthropic's fields is refused there.
import { z } from 'zod';
import { optionalField } from '../http/optional-field.js';
import { is, isEmpty, never, type RefusedFields } from '../http/refused-fields.js';
import { extensionFields } from '../openai/extension-fields.js';
import { modelName, samplingFields } from '../openai/sampling-fields.js';
import { message, textOrBlocks } from './content-schema.js';
import { asksForNoThinking } from './neutral-values.js';
import { toolFields } from './tool-fields.js';

const MAX_MESSAGES = 4096;
const MAX_STOP_SEQUENCES = 16;
const MAX_STOP_LENGTH = 256;

const { top_p, stream } = samplingFields;

const outputFormat = z.object({
  type: z.literal('json_schema', { error: 'must be "json_schema"' }),
  schema: z.record(z.string(), z.unknown()),
});

const promptFields = {
  model: modelName,
  messages: z.array(message).min(1).max(MAX_MESSAGES),
  system: optionalField(textOrBlocks),
  ...toolFields,
};

export const messagesSchema = z.object({
  ...promptFields,
  max_tokens: z.int().min(1),
  temperature: optionalField(z.number().min(0).max(1)),
  top_p,
  stop_sequences: optionalField(z.array(z.string().min(1).max(MAX_STOP_LENGTH)).max(MAX_STOP_SEQUENCES)),
  stream,
  output_config: optionalField(z.object({ format: optionalField(outputFormat) })),
  metadata: optionalField(z.object({ user_id: optionalField(z.string()) })),
  ...extensionFields,
});

export const countTokensSchema = z.object(promptFields);

export type MessagesBody = z.infer<typeof messagesSchema>;
export type CountTokensBody = z.infer<typeof countTokensSchema>;

export const MESSAGES_REFUSED: RefusedFields = {
  thinking: asksForNoThinking,
  output_format: never,
  mcp_servers: isEmpty,
  container: never,
  context_management: isEmpty,
  service_tier: is('auto', 'standard_only'),
};
