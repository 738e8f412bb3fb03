// A zod schema as a component of the document. OpenAPI 3.1 speaks JSON Schema 2020-12, which is what zod writes; only
// references inside a schema have to learn where it ends up.
import { z } from 'zod';
import { FIELD_NOTES } from './field-notes.js';

export type JsonSchema = { readonly [keyword: string]: unknown };

/** @param io `input`: what a client may send; `output`: what it gets. */
export function componentOf(name: string, schema: z.ZodType, io: 'input' | 'output'): JsonSchema {
  // What can't be said in JSON Schema (a refinement in code) is left out: the document then promises less.
  const { $schema, ...written } = z.toJSONSchema(schema, { io, unrepresentable: 'any' });
  const component = withRefs(written, `#/components/schemas/${name}`) as JsonSchema;
  return io === 'input' ? withNotes(component) : open(component);
}

function withRefs(value: unknown, home: string): unknown {
  if (Array.isArray(value)) return value.map((item) => withRefs(item, home));
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value).map(([key, inner]) =>
      key === '$ref' && typeof inner === 'string'
        ? [key, inner.replace(/^#/, home)]
        : [key, withRefs(inner, home)],
    ),
  );
}

/** The fields' descriptions; one that a schema has of its own stays. */
function withNotes({ properties, ...rest }: JsonSchema): JsonSchema {
  if (properties === undefined) return rest;
  const noted = Object.entries(properties as Record<string, JsonSchema>).map(([name, property]) => {
    const description = property.description ?? FIELD_NOTES[name];
    return [name, description === undefined ? property : { ...property, description }];
  });
  return { ...rest, properties: Object.fromEntries(noted) };
}

/** Answers may grow: a client made from this document must not refuse a field that it doesn't know. */
function open(value: JsonSchema): JsonSchema {
  return JSON.parse(JSON.stringify(value), (_key, inner) => {
    if (typeof inner !== 'object' || inner === null || inner.additionalProperties !== false) return inner;
    const { additionalProperties, ...rest } = inner;
    return rest;
  });
}
