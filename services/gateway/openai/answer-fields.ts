// Fields of what an answer holds: how many choices, which log probabilities, what of the text shows. OpenAI's ranges and
// vLLM's extras.
import { z } from 'zod';
import { AppError } from '#libs/errors/index.js';
import { optionalField } from '../http/optional-field.js';

/** Generations that one request may start. */
const MAX_CHOICES = 16;
/** As many alternatives as a verifier names. */
const MAX_TOP_LOGPROBS = 20;

export const numAlternatives = z.int().min(0).max(MAX_TOP_LOGPROBS);

export const answerFields = {
  n: optionalField(z.int().min(1).max(MAX_CHOICES)),
  /** OpenAI picks the best n of them; we have no better ones to pick from. */
  best_of: optionalField(z.int()),
  prompt_logprobs: optionalField(numAlternatives),
  include_stop_str_in_output: optionalField(z.boolean()),
  skip_special_tokens: optionalField(z.boolean()),
};

type AnswerBody = z.infer<z.ZodObject<typeof answerFields>> & { readonly stream?: boolean | undefined };

/** Throws `invalid_argument` for fields that don't go together. */
export function checkAnswer(body: AnswerBody, numPrompts: number): void {
  const n = body.n ?? 1;
  refuse(body.best_of !== undefined && body.best_of !== n, 'best_of', `must be equal to n, which is ${n}`);
  refuse(numPrompts > MAX_CHOICES, 'prompt', `may hold at most ${MAX_CHOICES} prompts`);
  const rule = `n choices of ${numPrompts} prompts are more than ${MAX_CHOICES} in all; send fewer prompts at once`;
  refuse(n * numPrompts > MAX_CHOICES, 'n', rule);
  // As in vLLM: a stream has no place for them.
  refuse(body.prompt_logprobs !== undefined && body.stream === true, 'prompt_logprobs', 'not with stream');
}

/** The part of the domain's request that these fields decide. */
export function answerOptions(body: AnswerBody) {
  return {
    numChoices: body.n ?? 1,
    includesStop: body.include_stop_str_in_output ?? false,
    showsSpecialTokens: body.skip_special_tokens === false,
  };
}

export function refuse(wrong: boolean, field: string, rule: string): void {
  if (wrong) throw new AppError('invalid_argument', `${field}: ${rule}.`, { field });
}
