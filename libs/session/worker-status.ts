// What a worker tells of itself with every heartbeat: how busy it is, and what it has read. Advice for those who choose
// between workers, read from Redis with as little trust as the records are.
import { z } from 'zod';
import { MAX_HELD_PREFIXES } from './held-prefixes.js';

export interface WorkerStatus {
  /** Generations under way, and the most that it takes. */
  readonly running: number;
  readonly maxRunning: number;
  /** As of `prefixHashes`. */
  readonly prefixes: ReadonlySet<string>;
}

const MAX_STATUS_LENGTH = 16 * 1024;

const count = z.number().int().min(0).max(1_000_000);
const schema = z.object({
  running: count,
  maxRunning: count,
  prefixes: z.array(z.string().regex(/^[A-Za-z0-9_-]{12}$/)).max(MAX_HELD_PREFIXES),
});

export function statusText({ prefixes, ...status }: WorkerStatus): string {
  return JSON.stringify({ ...status, prefixes: [...prefixes] });
}

/** Undefined if there is none, or one that can't be read: then nothing is known. */
export function parseWorkerStatus(text: string | null | undefined): WorkerStatus | undefined {
  if (typeof text !== 'string' || text.length > MAX_STATUS_LENGTH) return undefined;
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return undefined;
  }
  const { success, data } = schema.safeParse(value);
  return success ? { ...data, prefixes: new Set(data.prefixes) } : undefined;
}
