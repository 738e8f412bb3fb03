// Checks data from outside (environment, files) against a schema; the error names everything that is wrong at once.
import { AppError } from './app-error.js';

/** The part of a zod schema that is used here; this lib imports nothing. */
interface Schema<T> {
  safeParse(
    value: unknown,
  ):
    | { readonly success: true; readonly data: T }
    | { readonly success: false; readonly error: { readonly issues: readonly Issue[] } };
}

interface Issue {
  readonly path: readonly PropertyKey[];
  readonly message: string;
}

/** As `validated`, for environment variables: empty ones count as unset, as compose files pass them on. */
export function validatedEnvironment<T>(
  schema: Schema<T>,
  environment: Readonly<Record<string, string | undefined>>,
  subject: string,
): T {
  const given = Object.entries(environment).filter(([, value]) => value !== undefined && value !== '');
  return validated(schema, Object.fromEntries(given), subject);
}

/** @throws AppError failed_precondition: "<subject>: <path>: <message>; …". */
export function validated<T>(schema: Schema<T>, value: unknown, subject: string): T {
  const result = schema.safeParse(value);
  if (result.success) return result.data;
  const problems = result.error.issues.map((issue) => `${issue.path.join('.')}: ${issue.message}`);
  throw new AppError('failed_precondition', `${subject}: ${problems.join('; ')}`);
}
