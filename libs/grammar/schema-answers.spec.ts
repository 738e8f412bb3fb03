// Whatever a schema's grammar lets through must satisfy the schema: random walks over the masks, judged by a validator
// that knows nothing of grammars.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { Automaton } from './automaton.js';
import { maskRow } from './mask-rows.js';
import { packVocabulary } from './vocabulary.js';

const bytes = Array.from({ length: 256 }, (_, byte) => Uint8Array.of(byte));
const words = ['true', 'null', ', "', '": ', '{"', '12', '99', '"}', '[[', 'ab', '.5'];
const END = bytes.length + words.length;
const tokens = [...bytes, ...words.map((word) => new TextEncoder().encode(word)), new Uint8Array(0)];
const automaton = new Automaton(packVocabulary(tokens, [END]));

type Schema = Readonly<Record<string, unknown>>;

const bound = fc.integer({ min: -150, max: 150 });
const leaf: fc.Arbitrary<Schema> = fc.oneof(
  fc.constantFrom<Schema>({ type: 'boolean' }, { type: 'null' }, { enum: ['a"b', 3, null, 'é'] }, { const: 'x\\' }),
  fc.tuple(bound, fc.nat(200)).map(([low, width]) => ({ type: 'integer', minimum: low, maximum: low + width })),
  bound.map((low) => ({ type: 'integer', exclusiveMinimum: low })),
  bound.map((high) => ({ type: ['integer', 'null'], maximum: high })),
  fc.tuple(bound, fc.nat(50)).map(([n, width]) => ({ type: 'number', minimum: n / 10, maximum: (n + width) / 10 })),
  fc.tuple(fc.nat(3), fc.nat(3)).map(([least, more]) => ({ type: 'string', minLength: least, maxLength: least + more })),
  fc.constant<Schema>({ type: 'string', pattern: '^[a-c]{2}[0-9]?$' }),
);
const schemas: fc.Arbitrary<Schema> = fc.letrec<{ schema: Schema }>((tie) => ({
  schema: fc.oneof(
    { maxDepth: 2 },
    leaf,
    fc
      .tuple(tie('schema'), fc.nat(2), fc.nat(2))
      .map(([items, least, more]) => ({ type: 'array', items, minItems: least, maxItems: least + more })),
    fc.tuple(fc.array(tie('schema'), { minLength: 1, maxLength: 3 }), fc.nat(7)).map(([list, required]) => ({
      type: 'object',
      properties: Object.fromEntries(list.map((each, i) => [`p${i}`, each])),
      required: list.flatMap((_, i) => ((required >> i) & 1 ? [`p${i}`] : [])),
      additionalProperties: false,
    })),
    fc.tuple(tie('schema'), tie('schema')).map(([first, second]) => ({ anyOf: [first, second] })),
  ),
})).schema;

/** Why the value doesn't satisfy the schema: the keywords used above, read off the specification. */
function valid(value: unknown, schema: Schema): boolean {
  const { type, minimum, maximum, exclusiveMinimum, minLength, maxLength, pattern } = schema;
  if (Array.isArray(schema.anyOf)) return schema.anyOf.some((each) => valid(value, each as Schema));
  if (Array.isArray(schema.enum)) return schema.enum.includes(value);
  if ('const' in schema) return value === schema.const;
  if (value === null) return [type].flat().includes('null');
  if (Array.isArray(value))
    return (
      type === 'array' &&
      value.length >= (schema.minItems as number) &&
      value.length <= (schema.maxItems as number) &&
      value.every((each) => valid(each, schema.items as Schema))
    );
  if (typeof value === 'number') {
    if (![type].flat().some((each) => each === 'number' || (each === 'integer' && Number.isInteger(value)))) return false;
    return (
      value >= ((minimum as number) ?? Number.NEGATIVE_INFINITY) &&
      value <= ((maximum as number) ?? Number.POSITIVE_INFINITY) &&
      value > ((exclusiveMinimum as number) ?? Number.NEGATIVE_INFINITY)
    );
  }
  if (typeof value === 'string') {
    const length = Array.from(value).length;
    return (
      type === 'string' &&
      length >= ((minLength as number) ?? 0) &&
      length <= ((maxLength as number) ?? 100) &&
      (pattern === undefined || new RegExp(pattern as string).test(value))
    );
  }
  if (typeof value === 'boolean') return type === 'boolean';
  const properties = schema.properties as Record<string, Schema>;
  const given = Object.entries(value as object);
  return (
    type === 'object' &&
    given.every(([key, each]) => key in properties && valid(each, properties[key]!)) &&
    (schema.required as string[]).every((key) => key in (value as object))
  );
}

let walks = 0;

/** Tokens drawn from the masks until the end; undefined if it doesn't come. */
async function walk(schema: Schema, choices: readonly number[]): Promise<string | undefined> {
  const generated: number[] = [];
  const generationId = String(walks++);
  for (const choice of choices) {
    const request = { generationId, generated, drafted: [], avoidEnd: false };
    const spec = { kind: 'json_schema', schema: JSON.stringify(schema) } as const;
    const row = maskRow(await automaton.masks(spec, request), 0)!;
    const allowed = tokens.flatMap((_, id) => ((row[id >>> 5]! >>> (id & 31)) & 1 ? [id] : []));
    assert.ok(allowed.length > 0, `${textOf(generated)} is a dead end of ${JSON.stringify(schema)}`);
    if (allowed.includes(END) && choice % 3 > 0) return textOf(generated);
    const going = allowed.filter((id) => id !== END);
    if (going.length === 0) return textOf(generated);
    // Ends of strings and objects are rare among all bytes, so they get a share of their own.
    const closing = going.filter((id) => ['"', '}', ']'].includes(textOf([id])));
    const pool = closing.length > 0 && choice % 2 === 0 ? closing : going;
    generated.push(pool[choice % pool.length]!);
  }
  return undefined;
}

const textOf = (ids: readonly number[]) => Buffer.concat(ids.map((id) => tokens[id]!)).toString();

test('every way through the masks of a schema is JSON that satisfies it', async () => {
  let finished = 0;
  await fc.assert(
    fc.asyncProperty(
      schemas,
      fc.array(fc.nat(1_000_000), { minLength: 60, maxLength: 60, size: 'max' }),
      async (schema, choices) => {
        const text = await walk(schema, choices);
        if (text === undefined) return;
        finished++;
        assert.ok(valid(JSON.parse(text), schema), `${text} does not satisfy ${JSON.stringify(schema)}`);
      },
    ),
    { numRuns: 300 },
  );
  assert.ok(finished > 150, `only ${finished} walks came to an end`);
});
