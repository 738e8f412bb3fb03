// Takes bounded numbers out of a schema, since XGrammar gets their bounds wrong: each is replaced by a constant that marks
// its place, and comes back as EBNF of our own.
import { integerRange, numberRange, type Range } from './decimal-range.js';

const BOUNDS = ['minimum', 'maximum', 'exclusiveMinimum', 'exclusiveMaximum'] as const;
/** Keywords that would have to hold besides the bounds. */
const RIVALS = ['enum', 'const', '$ref', 'anyOf', 'oneOf', 'allOf'];

type Json = Readonly<Record<string, unknown>>;

export function hasBounds(schema: Json): boolean {
  return BOUNDS.some((key) => schema[key] !== undefined && schema[key] !== null);
}

/** Why the bounds of one schema can't be kept; undefined if they can, or if there are none. */
export function boundsProblem(schema: Json): string | undefined {
  if (!hasBounds(schema)) return undefined;
  const rival = RIVALS.find((key) => key in schema);
  if (rival !== undefined) return `uses ${rival} together with bounds of a number, which is not supported`;
  if (typesOf(schema).every((type) => !isNumeric(type))) return 'has bounds without the type number or integer';
  for (const key of BOUNDS) {
    const value = schema[key];
    if (value === undefined || value === null) continue;
    if (typeof value !== 'number') return `has ${key} that is not a number`;
    if (Math.abs(value) > Number.MAX_SAFE_INTEGER || /e/.test(String(value)))
      return `has ${key} ${value}; it must be written without an exponent and lie within ±(2^53 - 1)`;
  }
  if (typesOf(schema).some((type) => isNumeric(type) && rangeText(type, schema) === undefined))
    return 'has bounds that no number lies between';
  return undefined;
}

export class BoundedNumbers {
  /** Name of the rule → its EBNF. */
  readonly #rules = new Map<string, string>();

  /** @param mark Text that occurs nowhere in the schema. */
  constructor(private readonly mark: string) {}

  /** The schema with a constant in place of every bounded number. */
  takeFrom(schema: unknown): unknown {
    if (Array.isArray(schema)) return schema.map((each) => this.takeFrom(each));
    if (typeof schema !== 'object' || schema === null) return schema;
    const object = schema as Json;
    if (hasBounds(object) && boundsProblem(object) === undefined) return this.#replaced(object);
    // A default, an enumeration or a property called "minimum" is no schema, but holds no valid bounds either.
    return Object.fromEntries(Object.entries(object).map(([key, value]) => [key, this.takeFrom(value)]));
  }

  /** The grammar that XGrammar made of that schema, with the numbers put back. */
  putBackInto(ebnf: string): string {
    let text = ebnf;
    for (const [rule, range] of this.#rules)
      text = `${text.replaceAll(`"\\"${rule}\\""`, rule)}\n${rule} ::= ${range}`;
    return text;
  }

  #replaced(schema: Json): unknown {
    const [first, ...others] = typesOf(schema).map((type) => {
      if (!isNumeric(type)) return { type };
      const rule = `${this.mark}_${this.#rules.size}`;
      this.#rules.set(rule, rangeText(type, schema)!);
      return { const: rule };
    });
    return others.length === 0 ? first : { anyOf: [first, ...others] };
  }
}

function typesOf({ type }: Json): unknown[] {
  return Array.isArray(type) ? type : [type];
}

function isNumeric(type: unknown): boolean {
  return type === 'integer' || type === 'number';
}

function rangeText(type: unknown, schema: Json): string | undefined {
  const range: Range = {
    low: tighter(schema.minimum, schema.exclusiveMinimum, Math.max),
    high: tighter(schema.maximum, schema.exclusiveMaximum, Math.min),
  };
  return type === 'integer' ? integerRange(range) : numberRange(range);
}

function tighter(
  inclusive: unknown,
  exclusive: unknown,
  choose: (a: number, b: number) => number,
): Range['low'] {
  if (typeof exclusive !== 'number')
    return typeof inclusive === 'number' ? { value: inclusive, inclusive: true } : undefined;
  if (typeof inclusive !== 'number' || choose(inclusive, exclusive) === exclusive)
    return { value: exclusive, inclusive: false };
  return { value: inclusive, inclusive: true };
}
