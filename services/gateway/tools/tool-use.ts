// What the tools of a chat mean for its generation: a grammar for the answer, and a parser for what comes back.
import type { ToolCallFormat } from '#libs/tokenizer/index.js';
import { derivedIds } from '../generation/derived-ids.js';
import type { GenerationChunk } from '../generation/generation.js';
import type { GenerationRequest, PromptInput } from '../generation/generation-request.js';
import { callGrammar } from './call-grammar.js';
import { CALL_SYNTAX } from './call-syntax.js';
import { ToolCallParser } from './tool-call-parser.js';
import { toolCallStage } from './tool-call-stage.js';
import { callableTools, FREE_CHOICE } from './tool-choice.js';

/** The request with the grammar of its calls; as it is when its chat has no tools. Throws `invalid_argument`. */
export function withCallGrammar(request: GenerationRequest, format: ToolCallFormat): GenerationRequest {
  const { input } = request;
  if (input.kind !== 'chat' || !input.tools?.length) return request;
  const { tools, toolChoice = FREE_CHOICE } = input;
  return { ...request, grammar: callGrammar(tools, toolChoice, CALL_SYNTAX[format], request.grammar) };
}

/**
 * @param id of the answer, which nobody can guess.
 * The chunks of one answer, with its calls told from its text; as they are when its chat has no tools.
 */
export function withToolCalls(
  chunks: AsyncIterable<GenerationChunk>,
  input: PromptInput,
  format: ToolCallFormat,
  id: string,
): AsyncIterable<GenerationChunk> {
  if (input.kind !== 'chat' || !input.tools?.length) return chunks;
  const callable = callableTools(input.tools, input.toolChoice ?? FREE_CHOICE);
  const ids = derivedIds(id);
  const parser = new ToolCallParser({
    syntax: CALL_SYNTAX[format],
    names: new Set(callable.map(({ name }) => name)),
    newId: () => ids('call_'),
  });
  return toolCallStage(chunks, parser);
}
