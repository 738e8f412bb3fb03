// Checks a JSON body against a schema. Errors name the field as the client wrote it, e.g. messages[0].content.
// Not Nest's own schema pipe: that walks the whole body recursively first, so deep nesting overflows its stack.
import type { PipeTransform } from '@nestjs/common';
import type { z } from 'zod';
import { AppError } from '#libs/errors/index.js';
import { type RefusedFields, refuseFields } from './refused-fields.js';

export interface CheckedBody<Body> {
  readonly body: Body;
  /** Names of fields that mean nothing here, as the client wrote them. */
  readonly ignoredFields: readonly string[];
}

export class BodyPipe<Schema extends z.ZodObject>
  implements PipeTransform<unknown, CheckedBody<z.infer<Schema>>>
{
  /** @param schema the API document shows it. */
  constructor(
    readonly schema: Schema,
    private readonly refused: RefusedFields,
  ) {}

  transform(value: unknown): CheckedBody<z.infer<Schema>> {
    if (typeof value !== 'object' || value === null || Array.isArray(value))
      throw new AppError('invalid_argument', 'The body must be a JSON object.');
    const result = this.schema.safeParse(value);
    if (!result.success) throw schemaError(result.error.issues[0]!);
    const known = this.schema.shape;
    refuseFields(value as Record<string, unknown>, this.refused, known);
    const ignoredFields = Object.keys(value).filter(
      (name) => !Object.hasOwn(known, name) && !Object.hasOwn(this.refused, name),
    );
    return { body: result.data, ignoredFields };
  }
}

function schemaError(issue: z.core.$ZodIssue): AppError {
  const { path, message } = deepest(issue, []);
  const field = path.reduce<string>(
    (name, key) =>
      typeof key === 'number' ? `${name}[${key}]` : name === '' ? String(key) : `${name}.${String(key)}`,
    '',
  );
  return new AppError('invalid_argument', `${field}: ${message}.`, { field });
}

/** A union reports itself; the field at fault is inside the alternative that got furthest. */
function deepest(
  issue: z.core.$ZodIssue,
  base: readonly PropertyKey[],
): { path: PropertyKey[]; message: string } {
  const here = { path: [...base, ...issue.path], message: issue.message };
  if (issue.code !== 'invalid_union') return here;
  const inner = issue.errors
    .flatMap((issues) => issues.slice(0, 1))
    .map((first) => deepest(first, here.path))
    .sort((a, b) => b.path.length - a.path.length)[0];
  return inner !== undefined && inner.path.length > here.path.length ? inner : here;
}
