// Where in a JSON schema other schemas lie. Elsewhere (enum, const, default, …) an object is a value, whatever it looks like.
import type { Json } from './schema-types.js';

const ONE: ReadonlySet<string> = new Set([
  'items',
  'additionalProperties',
  'unevaluatedItems',
  'unevaluatedProperties',
]);
const LISTS: ReadonlySet<string> = new Set(['anyOf', 'oneOf', 'allOf', 'prefixItems']);
const BY_NAME: ReadonlySet<string> = new Set(['properties', '$defs', 'definitions']);

/** The schema with each schema right inside it changed. */
export function mapSubschemas(schema: Json, change: (inner: unknown) => unknown): Json {
  const changed = Object.entries(schema).map(([key, value]) => {
    if (ONE.has(key)) return [key, change(value)];
    if (LISTS.has(key) && Array.isArray(value)) return [key, value.map(change)];
    if (BY_NAME.has(key) && isObject(value))
      return [key, Object.fromEntries(Object.entries(value).map(([name, each]) => [name, change(each)]))];
    return [key, value];
  });
  return Object.fromEntries(changed);
}

export function subschemasOf(schema: Json): unknown[] {
  const inner: unknown[] = [];
  mapSubschemas(schema, (each) => inner.push(each));
  return inner;
}

export function isObject(value: unknown): value is Json {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
