// Fields that a route knows and does not support. Ignoring one would give an answer that was not asked for, so a value
// that matters is refused by name; a value that changes nothing is let through.
import { AppError } from '#libs/errors/index.js';

export type ChangesNothing = (value: unknown) => boolean;

/** By the field's name; null and undefined always change nothing. */
export type RefusedFields = Readonly<Record<string, ChangesNothing>>;

export const is =
  (...neutral: unknown[]): ChangesNothing =>
  (value) =>
    neutral.includes(value);

export const isEmpty: ChangesNothing = (value) =>
  typeof value === 'object' && value !== null && Object.keys(value).length === 0;

export const never: ChangesNothing = () => false;

/**
 * Throws `invalid_argument` that names the first field whose value would change the answer.
 * @param known Fields that this route does support.
 */
export function refuseFields(
  body: Readonly<Record<string, unknown>>,
  refused: RefusedFields,
  known: Readonly<Record<string, unknown>>,
): void {
  for (const [name, changesNothing] of Object.entries(refused)) {
    if (!Object.hasOwn(body, name) || Object.hasOwn(known, name)) continue;
    const value = body[name];
    if (value === undefined || value === null || changesNothing(value)) continue;
    throw new AppError('invalid_argument', `${name}: this value is not supported; leave the field out.`, {
      field: name,
    });
  }
}
