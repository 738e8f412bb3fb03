// Lengths and patterns of strings in a schema, as EBNF of the string in JSON.
import { jsonPattern } from './json-pattern.js';
import { type Json, typesOf } from './schema-types.js';

/** One character of a JSON string: as it is, or escaped. Escaped halves of a character would count twice. */
const CHARACTER =
  '([^\\0-\\x1f"\\\\] | "\\\\" (["\\\\/bfnrt] | "u" ([0-9A-CE-Fa-ce-f] [0-9A-Fa-f]{3} | [Dd] [0-7] [0-9A-Fa-f]{2})))';
const LENGTHS = ['minLength', 'maxLength'] as const;
export const STRING_LIMITS = [...LENGTHS, 'pattern'] as const;

export function boundsString(schema: Json): boolean {
  return STRING_LIMITS.some((key) => schema[key] !== undefined);
}

/** Why the bounds of one schema can't be kept; undefined if they can, or if there are none. */
export function stringProblem(schema: Json): string | undefined {
  if (!boundsString(schema)) return undefined;
  if (!typesOf(schema).includes('string')) return 'has lengths or a pattern without the type string';
  const { pattern, format, minLength = 0, maxLength } = schema;
  if (format !== undefined) return 'uses format together with a length or a pattern, which is not supported';
  if (pattern !== undefined) {
    if (LENGTHS.some((key) => schema[key] !== undefined))
      return 'uses pattern and minLength or maxLength together, which is not supported';
    return typeof pattern === 'string' ? jsonPattern(pattern).problem : 'has a pattern that is not a text';
  }
  for (const length of [minLength, maxLength])
    if (length !== undefined && !(Number.isSafeInteger(length) && (length as number) >= 0))
      return 'has a length that is not a whole number of at least 0';
  if (maxLength !== undefined && (minLength as number) > (maxLength as number))
    return 'has a minLength above its maxLength';
  return undefined;
}

/** EBNF of a bounded string without its pattern; undefined if a pattern bounds it. */
export function lengthText({ minLength = 0, maxLength = '', pattern }: Json): string | undefined {
  return pattern === undefined ? `"\\"" ${CHARACTER}{${minLength},${maxLength}} "\\""` : undefined;
}
