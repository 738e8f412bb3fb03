// What answers look like, for the API document; a test compares them with real answers, field by field.
import { z } from 'zod';
import { answerMetrics } from './metrics-schema.js';

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

const envelope = { id: z.string(), created: z.int(), model: z.string(), system_fingerprint: z.null() };

/** One entry a token of the prompt: what could have stood there, by token id. Null for the first token. */
const promptLogprobs = z.array(
  z
    .record(z.string(), z.object({ logprob: z.number(), rank: count.nullable(), decoded_token: z.string() }))
    .nullable(),
);

const scoredToken = { token: z.string(), logprob: z.number(), bytes: z.array(count) };

const chatLogprobs = z.object({
  content: z.array(z.object({ ...scoredToken, top_logprobs: z.array(z.object(scoredToken)) })),
  refusal: z.null(),
});

const toolCall = z.object({
  id: z.string(),
  type: z.literal('function'),
  function: z.object({ name: z.string(), arguments: z.string() }),
});

const toolCallDelta = z.object({
  index: count,
  id: z.string().optional(),
  type: z.literal('function').optional(),
  function: z.object({ name: z.string().optional(), arguments: z.string() }),
});

export const chatCompletion = z.object({
  ...envelope,
  object: z.literal('chat.completion'),
  choices: z.array(
    z.object({
      index: count,
      message: z.object({
        role: z.literal('assistant'),
        content: z.string().nullable(),
        refusal: z.null(),
        tool_calls: z.array(toolCall).optional(),
      }),
      logprobs: chatLogprobs.nullable(),
      finish_reason: finishReason,
    }),
  ),
  usage,
  metrics: answerMetrics.nullable(),
  prompt_logprobs: promptLogprobs.optional(),
});

export const chatCompletionChunk = z.object({
  ...envelope,
  object: z.literal('chat.completion.chunk'),
  choices: z.array(
    z.object({
      index: count,
      delta: z.object({
        role: z.literal('assistant').optional(),
        content: z.string().optional(),
        tool_calls: z.array(toolCallDelta).optional(),
      }),
      logprobs: chatLogprobs.nullable(),
      finish_reason: finishReason.nullable(),
    }),
  ),
  usage: usage.nullish(),
  metrics: answerMetrics.nullish(),
});

/** Whole answers and chunks look alike. */
export const textCompletion = z.object({
  ...envelope,
  object: z.literal('text_completion'),
  choices: z.array(
    z.object({
      index: count,
      text: z.string(),
      logprobs: z
        .object({
          tokens: z.array(z.string()),
          token_logprobs: z.array(z.number().nullable()),
          top_logprobs: z.array(z.record(z.string(), z.number()).nullable()),
          text_offset: z.array(count),
        })
        .nullable(),
      finish_reason: finishReason.nullable(),
      prompt_logprobs: promptLogprobs.optional(),
    }),
  ),
  usage: usage.nullish(),
  metrics: answerMetrics.nullish(),
});

export const servedModel = z.object({
  id: z.string(),
  object: z.literal('model'),
  created: z.int(),
  owned_by: z.string(),
  max_model_len: count,
});

export const modelList = z.object({ object: z.literal('list'), data: z.array(servedModel) });
