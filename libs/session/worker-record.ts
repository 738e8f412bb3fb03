// The one gate for worker records, our own and those that others wrote to Redis: whoever can write there must not be
// able to make a gateway dial nonsense or hold megabytes.
import { z } from 'zod';
import { AppError } from '#libs/errors/index.js';
import type { WorkerRecord } from './registry.js';

const MAX_RECORD_LENGTH = 4096;

const schema = z.object({
  id: z.string().regex(/^[A-Za-z0-9._:-]{1,128}$/, 'must be 1 to 128 of A-Z a-z 0-9 . _ : -'),
  role: z.enum(['verifier', 'draft']),
  endpoint: z
    .string()
    .max(261)
    .regex(/^(\[[0-9A-Fa-f:.%]+\]|[A-Za-z0-9._-]+):[0-9]{1,5}$/, 'must be host:port')
    .refine(
      (endpoint) => isPort(endpoint.slice(endpoint.lastIndexOf(':') + 1)),
      'must have a port of 1 to 65535',
    ),
  model: z.string().min(1).max(256),
  vocabularyFingerprint: z.string().min(1).max(128),
  draining: z.boolean(),
});

function isPort(digits: string): boolean {
  const port = Number(digits);
  return port >= 1 && port <= 65535;
}

/** The record, frozen and without unknown fields; throws `invalid_argument` naming the field at fault. */
export function checkWorkerRecord(worker: WorkerRecord): WorkerRecord {
  const result = schema.safeParse(worker);
  if (result.success) return Object.freeze(result.data);
  const { path, message } = result.error.issues[0]!;
  const field = `worker.${path.join('.')}`;
  throw new AppError('invalid_argument', `${field}: ${message}.`, { field });
}

/** The record in a registry's text, or null if it is malformed or claims another id or role than it is filed under. */
export function parseWorkerRecord(
  text: string,
  filedAs: Pick<WorkerRecord, 'id' | 'role'>,
): WorkerRecord | null {
  if (text.length > MAX_RECORD_LENGTH) return null;
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return null;
  }
  const result = schema.safeParse(value);
  if (!result.success || result.data.id !== filedAs.id || result.data.role !== filedAs.role) return null;
  return Object.freeze(result.data);
}

/** Ascending by id, without locale: the same order in every process. */
export function sortedById(workers: Iterable<WorkerRecord>): readonly WorkerRecord[] {
  return [...workers].sort((a, b) => (a.id < b.id ? -1 : a.id > b.id ? 1 : 0));
}
