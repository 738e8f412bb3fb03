// The option --quantisation, as several commands take it.
import { z } from 'zod';
import type { Quantisation } from '#libs/builder/index.js';
import { validated } from '#libs/errors/index.js';

const schema = z.enum(['q8', 'q8b64', 'w8', 'q4', 'f32']).optional();

/** @throws AppError invalid_argument that lists the forms there are. */
export function quantisationOf(option: string | undefined): Quantisation | undefined {
  return validated(schema, option, '--quantisation');
}
