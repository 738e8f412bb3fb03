// The bodies of POST /tokenize and /detokenize, in vLLM's shape.
import { z } from 'zod';
import { optionalField } from '../http/optional-field.js';
import { is, isEmpty, never, type RefusedFields } from '../http/refused-fields.js';
import { chatSchema } from '../openai/chat-schema.js';
import { modelName } from '../openai/sampling-fields.js';

/** Beyond any context. */
const MAX_TOKENS = 2 ** 20;

export const tokenizeSchema = z
  .object({
    model: optionalField(modelName),
    prompt: optionalField(z.string()),
    messages: optionalField(chatSchema.shape.messages),
    tools: chatSchema.shape.tools,
    /** For a prompt true by default; a chat has its special tokens from the template. */
    add_special_tokens: optionalField(z.boolean()),
    add_generation_prompt: optionalField(z.boolean()),
    return_token_strs: optionalField(z.boolean()),
  })
  .refine(({ prompt, messages }) => (prompt === undefined) !== (messages === undefined), {
    path: ['prompt'],
    error: 'send either a prompt or messages',
  })
  .refine(({ messages, add_special_tokens }) => messages === undefined || !add_special_tokens, {
    path: ['add_special_tokens'],
    error: 'must be false for messages, whose template writes the special tokens',
  });

export const detokenizeSchema = z.object({
  model: optionalField(modelName),
  tokens: z.array(z.int().nonnegative()).max(MAX_TOKENS),
});

export type TokenizeBody = z.infer<typeof tokenizeSchema>;
export type DetokenizeBody = z.infer<typeof detokenizeSchema>;

export const TOKENIZE_REFUSED: RefusedFields = {
  continue_final_message: is(false),
  chat_template: never,
  chat_template_kwargs: isEmpty,
  mm_processor_kwargs: isEmpty,
};
