// OpenAI's clients send null for "not set": the same as leaving the field out.
import type { z } from 'zod';

export function optionalField<Schema extends z.ZodType>(schema: Schema) {
  return schema.nullish().transform((value) => value ?? undefined);
}
