// What the input of POST /v1/responses is made of: messages, calls of functions and their results.
// https://platform.openai.com/docs/api-reference/responses/create
import { z } from 'zod';

const MAX_CALL_ID_LENGTH = 256;
export const MAX_FUNCTION_NAME_LENGTH = 128;

const part = z.discriminatedUnion(
  'type',
  [
    z.object({ type: z.literal('input_text'), text: z.string() }),
    z.object({ type: z.literal('output_text'), text: z.string() }),
  ],
  { error: 'must be a part of type "input_text" or "output_text"' },
);

const text = z.union(
  [z.string(), z.array(part).transform((parts) => parts.map((one) => one.text).join(''))],
  { error: 'must be a string or an array of parts of type "input_text" or "output_text"' },
);

const callId = z.string().min(1).max(MAX_CALL_ID_LENGTH);

export const inputItem = z.discriminatedUnion(
  'type',
  [
    z.object({
      type: z.literal('message').optional(),
      role: z.enum(['system', 'developer', 'user', 'assistant']),
      content: text,
    }),
    z.object({
      type: z.literal('function_call'),
      call_id: callId,
      name: z.string().min(1).max(MAX_FUNCTION_NAME_LENGTH),
      arguments: z.string(),
    }),
    z.object({ type: z.literal('function_call_output'), call_id: callId, output: text }),
  ],
  { error: 'must be an item of type "message", "function_call" or "function_call_output"' },
);

export type InputItem = z.infer<typeof inputItem>;
