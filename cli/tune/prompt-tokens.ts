// The prompts of a tuning as a chat's first message, in the target's tokens.
import { AppError } from '#libs/errors/index.js';
import type { Tokenizer } from '#libs/tokenizer/index.js';

/** @throws AppError invalid_argument if one leaves no room for an answer. */
export function promptTokens(
  tokenizer: Tokenizer,
  prompts: readonly string[],
  answerTokens: number,
  contextLength: number,
): number[][] {
  return prompts.map((content, i) => {
    const chat = tokenizer.applyChatTemplate([{ role: 'user', content }]);
    const prompt = tokenizer.encode(chat, { addSpecialTokens: false });
    if (prompt.length + answerTokens <= contextLength) return prompt;
    throw new AppError(
      'invalid_argument',
      `Prompt ${i + 1} has ${prompt.length} tokens; with an answer of ${answerTokens} it exceeds the context of ${contextLength}.`,
    );
  });
}
