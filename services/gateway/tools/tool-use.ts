// What the tools of a chat mean for its generation: a grammar for the answer, and a parser for what comes back.
import { randomUUID } from 'node:crypto';
import type { ToolCallFormat } from '#libs/tokenizer/index.js';
import type { GenerationRequest, PromptInput } from '../generation/generation-request.js';
import { callGrammar } from './call-grammar.js';
import { CALL_SYNTAX } from './call-syntax.js';
import { ToolCallParser } from './tool-call-parser.js';
import { callableTools, FREE_CHOICE } from './tool-choice.js';

/** The request with the grammar of its calls; as it is when its chat has no tools. Throws `invalid_argument`. */
export function withCallGrammar(request: GenerationRequest, format: ToolCallFormat): GenerationRequest {
  const { input } = request;
  if (input.kind !== 'chat' || !input.tools?.length) return request;
  const { tools, toolChoice = FREE_CHOICE } = input;
  return { ...request, grammar: callGrammar(tools, toolChoice, CALL_SYNTAX[format], request.grammar) };
}

/** For one answer; undefined when there are no tools. */
export function toolCallParser(input: PromptInput, format: ToolCallFormat): ToolCallParser | undefined {
  if (input.kind !== 'chat' || !input.tools?.length) return undefined;
  const callable = callableTools(input.tools, input.toolChoice ?? FREE_CHOICE);
  return new ToolCallParser({
    syntax: CALL_SYNTAX[format],
    names: new Set(callable.map(({ name }) => name)),
    newId: () => `call_${randomUUID().replaceAll('-', '')}`,
  });
}
