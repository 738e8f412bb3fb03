// What the full model says to the prompts, with its keys and values kept: what a skipped model is compared with.
import type { KvCache, Model } from '#libs/engine/index.js';
import { AppError } from '#libs/errors/index.js';
import type { Manifest } from '#libs/models/index.js';
import { argmax } from '#libs/sampling/index.js';
import type { Tokenizer } from '#libs/tokenizer/index.js';
import { promptTokens } from './prompt-tokens.js';

export interface ReferenceText {
  readonly prompt: readonly number[];
  /** The greedy answer; at least two tokens. */
  readonly answer: readonly number[];
  /** Of the prompt and of the answer but for its last token. */
  readonly cache: KvCache;
}

/** Tokens of an answer that count. */
export const ANSWER_TOKENS = 32;

/** Answers shorter than two tokens are left out. */
export async function referenceTexts(
  model: Model,
  tokenizer: Tokenizer,
  { eosTokenIds }: Manifest,
  prompts: readonly string[],
  signal: AbortSignal,
): Promise<ReferenceText[]> {
  const texts: ReferenceText[] = [];
  for (const prompt of promptTokens(tokenizer, prompts, ANSWER_TOKENS, model.contextLength)) {
    const cache = model.newCache();
    const answer = [argmax(await model.advance(cache, prompt, 1, signal))];
    while (answer.length < ANSWER_TOKENS && !eosTokenIds.includes(answer.at(-1)!)) {
      signal.throwIfAborted();
      answer.push(argmax(await model.advance(cache, answer.slice(-1), 1, signal)));
    }
    if (answer.length > 1) texts.push({ prompt, answer, cache });
  }
  if (texts.length === 0)
    throw new AppError('invalid_argument', 'The model answers none of the prompts with two tokens or more.');
  return texts;
}
