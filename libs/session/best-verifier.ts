// Which verifier a session without a pin goes to: the one that has read the longest beginning of its prompt, unless it is
// overloaded; else the less busy of the two that rendezvous hashing names first.
// Two choices: Mitzenmacher 2001, "The power of two choices in randomized load balancing".
import type { WorkerRecord } from './registry.js';

/** Generations by which a verifier may be ahead of the least busy one before its warm cache is worth less than its queue. */
const OVERLOAD = 8;
/** Differences below it are noise: what is told is up to some seconds old. */
const NOTICEABLE = 2;

/**
 * @param ranked By rendezvous, best first; at least one.
 * @param prefixes Hashes of the prompt's blocks, from the first on.
 */
export function bestVerifier(ranked: readonly WorkerRecord[], prefixes: readonly string[]): WorkerRecord {
  const [first, second] = ranked as [WorkerRecord, WorkerRecord | undefined];
  const holder = longestHolder(ranked, prefixes);
  if (holder !== undefined) return holder;
  if (second === undefined || first.status === undefined || second.status === undefined) return first;
  return first.status.running - second.status.running >= NOTICEABLE ? second : first;
}

function longestHolder(
  ranked: readonly WorkerRecord[],
  prefixes: readonly string[],
): WorkerRecord | undefined {
  const least = Math.min(...ranked.map(({ status }) => status?.running ?? Number.POSITIVE_INFINITY));
  let best: { readonly worker: WorkerRecord; readonly length: number; readonly running: number } | undefined;
  for (const worker of ranked) {
    const { status } = worker;
    if (status === undefined || status.running >= Math.min(status.maxRunning, least + OVERLOAD)) continue;
    const length = 1 + prefixes.findLastIndex((hash) => status.prefixes.has(hash));
    const { running } = status;
    const isBetter =
      best === undefined || length > best.length || (length === best.length && running < best.running);
    if (length > 0 && isBetter) best = { worker, length, running };
  }
  return best?.worker;
}
