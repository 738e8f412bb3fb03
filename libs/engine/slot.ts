// A slot is one sequence's place in an engine: its tokens and their KV cache.
import type { KvCache } from './kv-cache.js';

export interface Slot {
  /** Tokens this slot knows of; the cache holds the first `cache.length` of them. */
  readonly tokens: number[];
  readonly cache: KvCache;
  /** Only slots of the same salt share what they hold. */
  readonly salt: string | undefined;
  lastUsedMs: number;
  /** Jobs that are using it just now: while there are any, it is not evicted. */
  pins: number;
  /** Rows beyond these are not the whole model's (a draft's with layers skipped, until it is taken back). */
  exactLength: number;
}

/** How many of the slot's tokens have rows that anybody may use. */
export function sharedRows({ tokens, cache, exactLength }: Slot): number {
  // A round that failed behind its forward leaves rows of tokens that the slot never committed.
  return Math.min(cache.length, tokens.length, exactLength);
}
