// Random JSON schemas for tests, with a plain validator of the keywords that occur in them.
import fc from 'fast-check';

export type Schema = Readonly<Record<string, unknown>>;

const bound = fc.integer({ min: -150, max: 150 });
const leaf: fc.Arbitrary<Schema> = fc.oneof(
  fc.constantFrom<Schema>(
    { type: 'boolean' },
    { type: 'null' },
    { enum: ['a"b', 3, null, 'é'] },
    { const: 'x\\' },
  ),
  fc
    .tuple(bound, fc.nat(200))
    .map(([low, width]) => ({ type: 'integer', minimum: low, maximum: low + width })),
  bound.map((low) => ({ type: 'integer', exclusiveMinimum: low })),
  bound.map((high) => ({ type: ['integer', 'null'], maximum: high })),
  fc
    .tuple(bound, fc.nat(50))
    .map(([n, width]) => ({ type: 'number', minimum: n / 10, maximum: (n + width) / 10 })),
  fc
    .tuple(fc.nat(3), fc.nat(3))
    .map(([least, more]) => ({ type: 'string', minLength: least, maxLength: least + more })),
  fc
    .constantFrom(
      '^[a-c]{2}[0-9]?$',
      '^.{1,3}$',
      '[^a-]b',
      '\\S+',
      '"*a',
      'x\\\\y',
      '\\n?z',
      '\\W\\D',
      '[^-"]{2}',
    )
    .map((pattern) => ({ type: 'string', pattern })),
  fc.constant<Schema>({ type: 'string', minLength: 2 }),
);
export const arbitrarySchema: fc.Arbitrary<Schema> = fc.letrec<{ schema: Schema }>((tie) => ({
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

/** Whether the value satisfies the schema, as the specification says. */
export function satisfies(value: unknown, schema: Schema): boolean {
  if (Array.isArray(schema.anyOf)) return schema.anyOf.some((each) => satisfies(value, each as Schema));
  if (Array.isArray(schema.enum)) return schema.enum.includes(value);
  if ('const' in schema) return value === schema.const;
  const types: unknown[] = [schema.type].flat();
  if (value === null) return types.includes('null');
  if (typeof value === 'boolean') return types.includes('boolean');
  if (typeof value === 'number') return isNumberOf(value, schema, types);
  if (typeof value === 'string') return types.includes('string') && isStringOf(value, schema);
  if (Array.isArray(value)) return types.includes('array') && isArrayOf(value, schema);
  return types.includes('object') && isObjectOf(value as object, schema);
}

const numberOr = (value: unknown, other: number) => (typeof value === 'number' ? value : other);

function isNumberOf(value: number, schema: Schema, types: unknown[]): boolean {
  return (
    (types.includes('number') || (types.includes('integer') && Number.isInteger(value))) &&
    value >= numberOr(schema.minimum, Number.NEGATIVE_INFINITY) &&
    value <= numberOr(schema.maximum, Number.POSITIVE_INFINITY) &&
    value > numberOr(schema.exclusiveMinimum, Number.NEGATIVE_INFINITY)
  );
}

function isStringOf(value: string, { minLength, maxLength, pattern }: Schema): boolean {
  const length = Array.from(value).length;
  const isLong = length >= numberOr(minLength, 0) && length <= numberOr(maxLength, Number.POSITIVE_INFINITY);
  return isLong && (pattern === undefined || new RegExp(pattern as string, 'u').test(value));
}

function isArrayOf(value: unknown[], { items, minItems, maxItems }: Schema): boolean {
  const fits = value.length >= numberOr(minItems, 0) && value.length <= numberOr(maxItems, 1e9);
  return fits && value.every((each) => satisfies(each, items as Schema));
}

function isObjectOf(value: object, { properties, required }: Schema): boolean {
  const known = properties as Record<string, Schema>;
  return (
    Object.entries(value).every(([key, each]) => key in known && satisfies(each, known[key]!)) &&
    (required as string[]).every((key) => key in value)
  );
}
