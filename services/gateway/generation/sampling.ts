// The sampling of one request in token ids: what the client said in words (bad words), what needs the model's own ids
// (which tokens end the text), and whether the ids it named exist.
import { AppError } from '#libs/errors/index.js';
import type { SamplingParams } from '#libs/sampling/index.js';
import type { GenerationRequest } from './generation-request.js';
import type { TextModel } from './text-model.js';

/**
 * Tokens that end the text without being part of it. With a grammar also under ignore_eos: the verifier then lets them
 * through only where the text can't go on.
 */
export function endTokenIds(
  { eosTokenIds }: TextModel,
  { ignoreEos, grammar }: GenerationRequest,
): readonly number[] {
  return ignoreEos && grammar === undefined ? [] : eosTokenIds;
}

/** All tokens that end the generation, as the request has it. */
export function stopTokenIds({ eosTokenIds }: TextModel, request: GenerationRequest): readonly number[] {
  return [...(request.ignoreEos ? [] : eosTokenIds), ...request.stopTokenIds];
}

/** Throws `invalid_argument` naming the field whose token id is not in the vocabulary. */
export async function samplingOf(text: TextModel, request: GenerationRequest): Promise<SamplingParams> {
  const { sampling, badWords } = request;
  checkIds(text, 'logit_bias', sampling.logitBias?.keys() ?? []);
  checkIds(text, 'allowed_token_ids', sampling.allowedTokenIds ?? []);
  checkIds(text, 'stop_token_ids', request.stopTokenIds);
  return {
    ...sampling,
    ...(badWords.length > 0 && { badWords: await badWordTokens(text, badWords) }),
    ...(sampling.minTokens !== undefined && { stopTokenIds: stopTokenIds(text, request) }),
  };
}

/** A word inside a text begins with a space, which makes other tokens of it: both are banned, as vLLM does. */
async function badWordTokens(text: TextModel, words: readonly string[]): Promise<(readonly number[])[]> {
  const forms = words.flatMap((word) => [word, ` ${word.trimStart()}`]);
  return Promise.all([...new Set(forms)].map((form) => text.encodePlain(form)));
}

function checkIds({ vocabSize }: TextModel, field: string, ids: Iterable<number>): void {
  for (const id of ids) {
    if (id < vocabSize) continue;
    const problem = `token id ${id} is not in the vocabulary of ${vocabSize} tokens`;
    throw new AppError('invalid_argument', `${field}: ${problem}.`, { field });
  }
}
