// JSON schema keywords that the automaton would ignore without a word. They are refused: an answer would break them.

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
]);
/** Keywords that hold a schema, a list of schemas, or schemas by name. */
const ONE = ['items', 'additionalProperties', 'propertyNames', 'unevaluatedItems', 'unevaluatedProperties'];
const MANY = ['anyOf', 'oneOf', 'allOf', 'prefixItems'];
const NAMED = ['properties', 'patternProperties', '$defs', 'definitions'];

type Schema = Readonly<Record<string, unknown>>;

/** What is wrong with a schema that `jsonProblem` has found small enough; undefined if nothing. */
export function schemaProblem(root: unknown): string | undefined {
  if (typeof root !== 'boolean' && !isObject(root)) return 'must be a JSON schema: an object';
  const open: unknown[] = [root];
  while (open.length > 0) {
    const schema = open.pop();
    if (!isObject(schema)) continue;
    const problem = keywordProblem(schema);
    if (problem !== undefined) return problem;
    for (const key of ONE) open.push(schema[key]);
    for (const key of MANY) open.push(...valuesOf(schema[key]));
    for (const key of NAMED) open.push(...valuesOf(schema[key]));
  }
  return undefined;
}

function keywordProblem(schema: Schema): string | undefined {
  const keyword = Object.keys(schema).find((key) => UNSUPPORTED.has(key));
  if (keyword !== undefined) return `uses the keyword ${keyword}, which is not supported`;
  return undefined;
}

function valuesOf(value: unknown): unknown[] {
  return typeof value === 'object' && value !== null ? Object.values(value) : [];
}

function isObject(value: unknown): value is Schema {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
