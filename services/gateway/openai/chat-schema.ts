// The body of POST /v1/chat/completions.
import { z } from 'zod';
import { optionalField } from '../http/optional-field.js';
import { answerFields, numAlternatives } from './answer-fields.js';
import { modelName, samplingFields } from './sampling-fields.js';
import { functionName, toolCallId, toolCalls, toolFields } from './tool-fields.js';

const MAX_MESSAGES = 4096;

const textPart = z.object({ type: z.literal('text'), text: z.string() });

const content = z.union(
  [z.string(), z.array(textPart).transform((parts) => parts.map(({ text }) => text).join(''))],
  {
    error: 'must be a string or an array of parts of type "text"',
  },
);

const message = z.discriminatedUnion(
  'role',
  [
    z.object({ role: z.literal('system'), content }),
    z.object({ role: z.literal('developer'), content }),
    z.object({ role: z.literal('user'), content }),
    z.object({
      role: z.literal('assistant'),
      // May be null: an empty turn, or one of calls alone.
      content: content.nullish().transform((text) => text ?? ''),
      tool_calls: optionalField(toolCalls),
    }),
    z.object({
      role: z.literal('tool'),
      content,
      tool_call_id: toolCallId,
      name: optionalField(functionName),
    }),
  ],
  { error: 'must be an object with role system, developer, user, assistant or tool' },
);

export const chatSchema = z.object({
  model: modelName,
  messages: z.array(message).min(1).max(MAX_MESSAGES),
  ...samplingFields,
  ...toolFields,
  ...answerFields,
  logprobs: optionalField(z.boolean()),
  top_logprobs: optionalField(numAlternatives),
  /** Newer name of max_tokens; wins over it. */
  max_completion_tokens: optionalField(z.int().min(1)),
});

export type ChatBody = z.infer<typeof chatSchema>;
