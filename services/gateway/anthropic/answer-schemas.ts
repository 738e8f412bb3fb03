// What answers of Anthropic's routes look like, for the API document; a test compares them with real answers.
import { z } from 'zod';
import { answerMetrics } from '../openai/metrics-schema.js';

const count = z.int().min(0);

export const anthropicError = z.object({
  type: z.literal('error'),
  error: z.object({ type: z.string(), message: z.string() }),
  request_id: z.string(),
});

const text = z.object({ type: z.literal('text'), text: z.string() });

const toolUse = z.object({
  type: z.literal('tool_use'),
  id: z.string(),
  name: z.string(),
  input: z.record(z.string(), z.unknown()),
});

export const messageAnswer = z.object({
  id: z.string(),
  type: z.literal('message'),
  role: z.literal('assistant'),
  model: z.string(),
  content: z.array(z.discriminatedUnion('type', [text, toolUse])),
  stop_reason: z.enum(['end_turn', 'max_tokens', 'stop_sequence', 'tool_use']).nullable(),
  stop_sequence: z.string().nullable(),
  usage: z.object({
    input_tokens: count,
    cache_creation_input_tokens: count,
    cache_read_input_tokens: count,
    output_tokens: count,
  }),
  metrics: answerMetrics.optional(),
});

/** Each type has fields of its own; Anthropic's reference lists them. */
export const messageEvent = z.looseObject({ type: z.string() });

export const tokenCount = z.object({ input_tokens: count });
