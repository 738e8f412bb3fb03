// From what the client sent to token ids that fit the model's context.
import { AppError } from '#libs/errors/index.js';
import type { PromptInput } from './generation-request.js';
import type { TextModel } from './text-model.js';

export interface Prompt {
  readonly tokens: readonly number[];
  /** What may be generated: the client's wish, cut to the room left in the context (as llama-server does). */
  readonly maxTokens: number;
}

/** Errors: `context_length_exceeded` (no room for one more token), `invalid_argument` (empty, or ids out of range). */
export async function preparePrompt(
  model: TextModel,
  input: PromptInput,
  requested: number | undefined,
): Promise<Prompt> {
  const field = input.kind === 'chat' ? 'messages' : 'prompt';
  const tokens = await encode(model, input);
  if (tokens.length === 0)
    throw new AppError('invalid_argument', `${field}: must hold at least one token.`, { field });
  const room = model.contextLength - tokens.length;
  if (room < 1) throw contextLengthExceeded(model.contextLength, `${tokens.length} tokens`, field);
  return { tokens, maxTokens: Math.min(requested ?? room, room) };
}

/** Clients recognise this text ("maximum context length"), so it stays as OpenAI wrote it. */
export function contextLengthExceeded(contextLength: number, size: string, field: string): AppError {
  return new AppError(
    'context_length_exceeded',
    `This model's maximum context length is ${contextLength} tokens. Your ${field} came to ${size}, ` +
      'which leaves no room for an answer. Please shorten it.',
    { field },
  );
}

async function encode(model: TextModel, input: PromptInput): Promise<readonly number[]> {
  switch (input.kind) {
    case 'chat':
      return model.encodeChat(input.messages, input.tools);
    case 'text':
      return model.encode(input.text);
    case 'tokens': {
      const wrong = input.tokens.findIndex((token) => token >= model.vocabSize);
      if (wrong === -1) return input.tokens;
      const field = `prompt[${wrong}]`;
      throw new AppError(
        'invalid_argument',
        `${field}: token id ${input.tokens[wrong]} is not in the vocabulary of ${model.vocabSize} tokens.`,
        { field },
      );
    }
  }
}
