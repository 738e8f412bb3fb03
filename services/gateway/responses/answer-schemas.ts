// What answers of POST /v1/responses look like, for the API document; a test compares them with real answers.
import { z } from 'zod';
import { answerMetrics } from '../openai/metrics-schema.js';

const count = z.int().min(0);
const status = z.enum(['in_progress', 'completed', 'incomplete', 'failed']);

const message = z.object({
  type: z.literal('message'),
  id: z.string(),
  status,
  role: z.literal('assistant'),
  content: z.array(
    z.object({
      type: z.literal('output_text'),
      text: z.string(),
      annotations: z.array(z.unknown()),
      logprobs: z.array(z.unknown()),
    }),
  ),
});

const functionCall = z.object({
  type: z.literal('function_call'),
  id: z.string(),
  status,
  call_id: z.string(),
  name: z.string(),
  /** JSON text. */
  arguments: z.string(),
});

export const response = z.object({
  id: z.string(),
  object: z.literal('response'),
  created_at: z.int(),
  status,
  completed_at: z.int().nullable(),
  background: z.literal(false),
  error: z.object({ code: z.string(), message: z.string() }).nullable(),
  incomplete_details: z.object({ reason: z.literal('max_output_tokens') }).nullable(),
  instructions: z.string().nullable(),
  max_output_tokens: count.nullable(),
  max_tool_calls: z.null(),
  model: z.string(),
  output: z.array(z.discriminatedUnion('type', [message, functionCall])),
  parallel_tool_calls: z.boolean(),
  previous_response_id: z.null(),
  prompt_cache_key: z.null(),
  reasoning: z.object({ effort: z.null(), summary: z.null() }),
  safety_identifier: z.null(),
  service_tier: z.literal('default'),
  store: z.literal(false),
  temperature: z.number(),
  text: z.object({ format: z.looseObject({ type: z.string() }) }),
  tool_choice: z.union([z.string(), z.looseObject({ type: z.string() })]),
  tools: z.array(z.looseObject({ type: z.literal('function'), name: z.string() })),
  top_logprobs: count,
  top_p: z.number(),
  truncation: z.literal('disabled'),
  usage: z
    .object({
      input_tokens: count,
      input_tokens_details: z.object({ cached_tokens: count }),
      output_tokens: count,
      output_tokens_details: z.object({ reasoning_tokens: count }),
      total_tokens: count,
    })
    .nullable(),
  user: z.string().nullable(),
  metadata: z.record(z.string(), z.string()),
  metrics: answerMetrics.optional(),
});

/** Each type has fields of its own; OpenAI's reference lists them. */
export const responseEvent = z.looseObject({ type: z.string(), sequence_number: count });
