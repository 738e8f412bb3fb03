// The grammar that an answer is held to: the client's own, and what its tools make of it.
import { withCallGrammar } from '../tools/tool-use.js';
import type { GenerationRequest } from './generation-request.js';
import type { TextModel } from './text-model.js';

/** The client's own grammar is checked before one of calls is made of it. Throws `invalid_argument`. */
export async function withGrammar(text: TextModel, request: GenerationRequest): Promise<GenerationRequest> {
  const { grammar: own, grammarField = 'grammar' } = request;
  if (own !== undefined) await text.checkGrammar(own, grammarField);
  const asked = withCallGrammar(request, text.toolCallFormat);
  const { grammar } = asked;
  if (grammar !== undefined && grammar !== own) await text.checkGrammar(grammar, 'tools');
  return asked;
}
