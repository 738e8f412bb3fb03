// The grammar that keeps calls well formed: arguments follow the function's schema, and a required call is certain.
// Structural tags: https://xgrammar.mlc.ai/docs/tutorials/structural_tag.html
import { AppError } from '#libs/errors/index.js';
import type { GrammarSpec } from '#libs/grammar/index.js';
import type { Tool } from '#libs/tokenizer/index.js';
import type { CallSyntax } from './call-syntax.js';
import { callableTools, type ToolChoice } from './tool-choice.js';

/** Makes a schema that says nothing of its type one of objects. */
const SAYS_WHAT = ['type', '$ref', 'anyOf', 'oneOf', 'allOf', 'enum', 'const'];

/**
 * `answer`: what an answer without calls must match. A required call leaves no room for such an answer.
 * Throws `invalid_argument` (field `tools`) when calls cannot be told from such an answer.
 */
export function callGrammar(
  tools: readonly Tool[],
  choice: ToolChoice,
  syntax: CallSyntax,
  answer: GrammarSpec | undefined,
): GrammarSpec {
  const tags = callableTools(tools, choice).map((tool) => callTag(tool, syntax));
  const format = formatOf(tags, choice, syntax, answer);
  return { kind: 'structural_tag', tag: JSON.stringify({ type: 'structural_tag', format }) };
}

function formatOf(
  tags: readonly object[],
  choice: ToolChoice,
  syntax: CallSyntax,
  answer: GrammarSpec | undefined,
): object {
  const stop_after_first = !choice.parallel || !syntax.isRepeatable;
  if (choice.mode === 'required')
    return {
      type: 'tags_with_separator',
      tags,
      separator: syntax.separator,
      at_least_one: true,
      stop_after_first,
    };
  // The automaton takes no list of tags as an alternative: beside a structured answer there is room for one call.
  if (answer !== undefined) return { type: 'or', elements: [answerFormat(answer), ...tags] };
  const triggers = [syntax.trigger];
  return { type: 'triggered_tags', triggers, tags, at_least_one: false, stop_after_first };
}

function callTag({ name, parameters }: Tool, syntax: CallSyntax): object {
  const content = { type: 'json_schema', json_schema: argumentsSchema(parameters) };
  return { type: 'tag', begin: syntax.begin(name), content, end: syntax.end };
}

/** Without a schema, any object. */
function argumentsSchema(parameters: Tool['parameters'] = {}): object {
  const saysWhat = SAYS_WHAT.some((keyword) => Object.hasOwn(parameters, keyword));
  return saysWhat ? parameters : { ...parameters, type: 'object' };
}

function answerFormat(answer: GrammarSpec): object {
  switch (answer.kind) {
    case 'json_object':
      return { type: 'json_schema', json_schema: { type: 'object' } };
    case 'json_schema':
      return { type: 'json_schema', json_schema: JSON.parse(answer.schema) as object };
    case 'regex':
      return { type: 'regex', pattern: answer.pattern };
    case 'ebnf':
      return { type: 'grammar', grammar: answer.grammar };
    case 'choice':
      return { type: 'or', elements: answer.choices.map((value) => ({ type: 'const_string', value })) };
    case 'structural_tag':
      throw new AppError(
        'invalid_argument',
        'tools: cannot be combined with structured_outputs.structural_tag; leave one of them out.',
        { field: 'tools' },
      );
  }
}
