// JSON schema keywords that the automaton would ignore without a word. They are refused: an answer would break them.
import { boundsProblem, hasBounds } from './numeric-bounds.js';
import type { Json } from './schema-types.js';
import { boundsString, stringProblem } from './string-bounds.js';
import { isObject, subschemasOf } from './subschemas.js';

const UNSUPPORTED: ReadonlySet<string> = new Set([
  'not',
  'if',
  'then',
  'else',
  'multipleOf',
  'contains',
  'minContains',
  'maxContains',
  'uniqueItems',
  'dependentRequired',
  'dependentSchemas',
  'dependencies',
  'additionalItems',
  '$dynamicRef',
  '$recursiveRef',
  // These it knows, but gets wrong.
  'patternProperties',
  'propertyNames',
]);
/** Keywords that would have to hold besides bounds. */
const RIVALS = ['enum', 'const', '$ref', 'anyOf', 'oneOf', 'allOf'];

/** What is wrong with a schema that `jsonProblem` has found small enough; undefined if nothing. */
export function schemaProblem(root: unknown): string | undefined {
  if (typeof root !== 'boolean' && !isObject(root)) return 'must be a JSON schema: an object';
  const open: unknown[] = [root];
  while (open.length > 0) {
    const schema = open.pop();
    if (!isObject(schema)) continue;
    const problem = keywordProblem(schema);
    if (problem !== undefined) return problem;
    open.push(...subschemasOf(schema));
  }
  return undefined;
}

function keywordProblem(schema: Json): string | undefined {
  const keyword = Object.keys(schema).find((key) => UNSUPPORTED.has(key));
  if (keyword !== undefined) return `uses the keyword ${keyword}, which is not supported`;
  if (/json-pointer/.test(String(schema.format)))
    return 'uses the format json-pointer, which is not supported';
  return limitsProblem(schema);
}

/** What is wrong with the bounds of a number or a string. */
export function limitsProblem(schema: Json): string | undefined {
  if (!hasBounds(schema) && !boundsString(schema)) return undefined;
  const rival = RIVALS.find((key) => key in schema);
  if (rival !== undefined) return `uses ${rival} together with bounds or a pattern, which is not supported`;
  return boundsProblem(schema) ?? stringProblem(schema);
}

/** The same of all schemas in a structural tag. */
export function tagProblem(tag: unknown): string | undefined {
  const open: unknown[] = [tag];
  while (open.length > 0) {
    const value = open.pop();
    if (isObject(value) && value.type === 'json_schema') {
      const problem = schemaProblem(value.json_schema);
      if (problem !== undefined) return problem;
    } else open.push(...valuesOf(value));
  }
  return undefined;
}

function valuesOf(value: unknown): unknown[] {
  return typeof value === 'object' && value !== null ? Object.values(value) : [];
}
