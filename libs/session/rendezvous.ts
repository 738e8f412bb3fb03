// Rendezvous (highest random weight) hashing: every process ranks the same workers alike for a key without talking,
// and a worker's coming or going moves only the keys it wins or held.
// Thaler & Ravishankar 1998, "Using name-based mappings to increase hit rates".
import { createHash } from 'node:crypto';
import { hashSessionId } from './session-id.js';

/** All workers, best first; the same order for the same key, whatever the order they come in. */
export function rankWorkers<Worker extends { readonly id: string }>(
  key: string,
  workers: readonly Worker[],
): Worker[] {
  // Hashed to a fixed length first, so that no (key, id) pair reads like another.
  const keyHash = hashSessionId(key);
  return workers
    .map((worker) => ({ worker, weight: weightOf(keyHash, worker.id) }))
    .sort((a, b) => {
      if (a.weight !== b.weight) return a.weight > b.weight ? -1 : 1;
      return a.worker.id < b.worker.id ? -1 : 1;
    })
    .map(({ worker }) => worker);
}

/** 64 uniform bits of (key, id); SHA-256 because clients choose keys and weaker hashes can be steered in bulk. */
function weightOf(keyHash: string, workerId: string): bigint {
  return createHash('sha256').update(keyHash).update(workerId).digest().readBigUInt64BE(0);
}
