// Checks of decoded messages. A peer may be hostile: each field passes one of these before it is used or copied.
import { AppError } from '#libs/errors/index.js';

export function invalid(field: string, problem: string): AppError {
  return new AppError('invalid_argument', `${field} ${problem}`, { field });
}

export function atMost<T extends { readonly length: number }>(value: T, max: number, field: string): T {
  if (value.length > max) throw invalid(field, `has length ${value.length}; at most ${max} is allowed.`);
  return value;
}

/** A uint64 that must fit a JavaScript number exactly. */
export function safeInteger(decimal: string, field: string): number {
  const value = Number(decimal);
  if (!Number.isSafeInteger(value)) throw invalid(field, `is ${decimal}; at most 2^53 - 1 is allowed.`);
  return value;
}

/** A finite number in [min, max]; NaN never passes. */
export function inRange(value: number, min: number, max: number, field: string): number {
  if (!(value >= min && value <= max)) throw invalid(field, `is ${value}; it must lie in [${min}, ${max}].`);
  return value;
}

export function nonNegative(value: number, field: string): number {
  return inRange(value, 0, Number.MAX_VALUE, field);
}

export function present<T>(value: T | null | undefined, field: string): T {
  if (value === null || value === undefined) throw invalid(field, 'is missing.');
  return value;
}

export function oneOf(value: string, names: readonly string[], field: string): string {
  if (names.includes(value)) return value;
  throw invalid(field, `must be one of ${names.filter((name) => name !== '').join(', ')}.`);
}
