// What answers look like, for the API document; a test compares them with real answers, field by field.
import { z } from 'zod';

const count = z.int().min(0);
const finishReason = z.enum(['stop', 'length', 'tool_calls']);

export const errorAnswer = z.object({
  error: z.object({
    message: z.string(),
    type: z.string(),
    /** The field at fault, as the client wrote it. */
    param: z.string().nullable(),
    code: z.string(),
  }),
});

export const usage = z.object({
  prompt_tokens: count,
  completion_tokens: count,
  total_tokens: count,
  prompt_tokens_details: z.object({ cached_tokens: count }),
});

const milliseconds = z.number();

export const answerMetrics = z.object({
  time_to_first_token_ms: milliseconds.nullable(),
  generation_time_ms: milliseconds,
  mean_itl_ms: milliseconds.nullable(),
  tokens_per_second: z.number(),
  speculative_decoding: z.object({
    mean_acceptance_length: z.number(),
    draft_acceptance_rate: z.number(),
    acceptance_histogram: z.array(count),
    num_spec_steps: count,
    num_accepted_draft_tokens: count,
    num_draft_tokens: count,
    num_spec_tokens: count,
  }),
  outrider: z.object({
    prefill_ms: milliseconds,
    rounds: count,
    draft_ms: milliseconds,
    verify_ms: milliseconds,
    draft_compute_ms: milliseconds,
    verify_compute_ms: milliseconds,
    total_ms: milliseconds,
    draft_failures: count,
    failovers: count,
  }),
});

const envelope = { id: z.string(), created: z.int(), model: z.string(), system_fingerprint: z.null() };
const noLogprobs = z.null();

export const chatCompletion = z.object({
  ...envelope,
  object: z.literal('chat.completion'),
  choices: z.array(
    z.object({
      index: count,
      message: z.object({ role: z.literal('assistant'), content: z.string().nullable(), refusal: z.null() }),
      logprobs: noLogprobs,
      finish_reason: finishReason,
    }),
  ),
  usage,
  metrics: answerMetrics,
});

export const chatCompletionChunk = z.object({
  ...envelope,
  object: z.literal('chat.completion.chunk'),
  choices: z.array(
    z.object({
      index: count,
      delta: z.object({ role: z.literal('assistant').optional(), content: z.string().optional() }),
      logprobs: noLogprobs,
      finish_reason: finishReason.nullable(),
    }),
  ),
  usage: usage.nullish(),
  metrics: answerMetrics.optional(),
});

/** Whole answers and chunks look alike. */
export const textCompletion = z.object({
  ...envelope,
  object: z.literal('text_completion'),
  choices: z.array(
    z.object({
      index: count,
      text: z.string(),
      logprobs: noLogprobs,
      finish_reason: finishReason.nullable(),
    }),
  ),
  usage: usage.nullish(),
  metrics: answerMetrics.optional(),
});

export const servedModel = z.object({
  id: z.string(),
  object: z.literal('model'),
  created: z.int(),
  owned_by: z.string(),
  max_model_len: count,
});

export const modelList = z.object({ object: z.literal('list'), data: z.array(servedModel) });
