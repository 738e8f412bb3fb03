// What can be said against a grammar without compiling it: bounds of its size, and parts that are not supported.
import type { GrammarSpec } from './grammar-spec.js';
import { jsonProblem, MAX_TEXT_BYTES } from './json-bounds.js';
import { schemaProblem, tagProblem } from './schema-keywords.js';

const MAX_PATTERN_LENGTH = 4_096;
const MAX_CHOICES = 1_024;

/** Reads on behind the name of its field: "must hold …"; undefined if nothing is wrong. */
export function specProblem(spec: GrammarSpec): string | undefined {
  switch (spec.kind) {
    case 'json_object':
      return undefined;
    case 'json_schema':
      return jsonTextProblem(spec.schema, schemaProblem);
    case 'structural_tag':
      return jsonTextProblem(spec.tag, tagProblem);
    case 'regex':
      if (spec.pattern === '') return 'must not be empty';
      if (spec.pattern.length <= MAX_PATTERN_LENGTH) return undefined;
      return `must be at most ${MAX_PATTERN_LENGTH} characters long`;
    case 'ebnf':
      return sizeProblem(spec.grammar);
    case 'choice':
      return choiceProblem(spec.choices);
  }
}

function choiceProblem(choices: readonly string[]): string | undefined {
  if (choices.length === 0 || choices.length > MAX_CHOICES) return `must hold 1 to ${MAX_CHOICES} texts`;
  if (choices.includes('')) return 'must not hold an empty text';
  return sizeProblem(choices.join(''));
}

function jsonTextProblem(
  text: string,
  problemOf: (value: unknown) => string | undefined,
): string | undefined {
  const size = sizeProblem(text);
  if (size !== undefined) return size;
  try {
    const value: unknown = JSON.parse(text);
    return jsonProblem(value) ?? problemOf(value);
  } catch {
    return 'is not JSON';
  }
}

function sizeProblem(text: string): string | undefined {
  return Buffer.byteLength(text) > MAX_TEXT_BYTES ? `must be at most ${MAX_TEXT_BYTES} bytes` : undefined;
}
