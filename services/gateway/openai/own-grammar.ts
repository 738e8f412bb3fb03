// What an answer must match, said in the words of a route that has fields of its own for it.
import type { GenerationRequest } from '../generation/generation-request.js';
import { contradiction, type RequestedGrammar } from './grammar-fields.js';

/** Throws `invalid_argument` when another field says what the answer must match as well. */
export function withOwnGrammar(
  request: GenerationRequest,
  own: RequestedGrammar | undefined,
): GenerationRequest {
  if (own === undefined) return request;
  if (request.grammar === undefined) return { ...request, ...own };
  throw contradiction(own.grammarField, request.grammarField);
}
