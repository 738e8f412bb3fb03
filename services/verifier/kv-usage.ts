// What the worker thread's KV caches hold, asked when somebody wants to see it.
import type { KvUsage, WorkerClient } from '#libs/engine/index.js';

/** Of the target and of a draft in its thread. */
export function together(target: KvUsage, draft: KvUsage): KvUsage {
  const sum = (part: keyof KvUsage) => target[part] + draft[part];
  return {
    slots: sum('slots'),
    slotBytes: sum('slotBytes'),
    blocks: sum('blocks'),
    blockBytes: sum('blockBytes'),
    freeBytes: sum('freeBytes'),
    maxBytes: sum('maxBytes'),
    evictedTokens: sum('evictedTokens'),
  };
}

/** A forward of a long prompt's piece may be under way; who asks for metrics shouldn't wait for more. */
const TIMEOUT_MS = 2_000;

/** Undefined if the thread is down or takes too long. */
export async function kvUsage(worker: WorkerClient<unknown>): Promise<KvUsage | undefined> {
  try {
    for await (const usage of worker.call<KvUsage>('usage', undefined, AbortSignal.timeout(TIMEOUT_MS)))
      return usage;
  } catch {
    // The metrics without these figures say so.
  }
  return undefined;
}
