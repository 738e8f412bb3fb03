// Bounds of numbers in a schema.
import { integerRange, numberRange, type Range } from './decimal-range.js';
import { isNumeric, type Json, typesOf } from './schema-types.js';

export const BOUNDS = ['minimum', 'maximum', 'exclusiveMinimum', 'exclusiveMaximum'] as const;

export function hasBounds(schema: Json): boolean {
  return BOUNDS.some((key) => schema[key] !== undefined && schema[key] !== null);
}

/** Why the bounds of one schema can't be kept; undefined if they can, or if there are none. */
export function boundsProblem(schema: Json): string | undefined {
  if (!hasBounds(schema)) return undefined;
  if (typesOf(schema).every((type) => !isNumeric(type)))
    return 'has bounds without the type number or integer';
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

/** EBNF of the numbers of a type that a schema allows; undefined if there are none. */
export function rangeText(type: unknown, schema: Json): string | undefined {
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
