// What an answer must match, said in a route's own words.
import { AppError } from '#libs/errors/index.js';
import type { GenerationRequest } from '../generation/generation-request.js';
import { jsonText, type RequestedGrammar } from '../openai/grammar-fields.js';

export function schemaGrammar(schema: object, strict: boolean, grammarField: string): RequestedGrammar {
  return { grammar: { kind: 'json_schema', schema: jsonText(schema, grammarField), strict }, grammarField };
}

/** Throws `invalid_argument` when another field says what the answer must match as well. */
export function withOwnGrammar(
  request: GenerationRequest,
  own: RequestedGrammar | undefined,
): GenerationRequest {
  if (own === undefined) return request;
  const { grammarField: field } = own;
  if (request.grammar === undefined) return { ...request, ...own };
  const message = `${field} and ${request.grammarField}: only one may say what the answer must match; leave one out.`;
  throw new AppError('invalid_argument', message, { field });
}
