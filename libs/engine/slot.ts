// A slot is one sequence's place in an engine: its tokens and their KV cache.
import type { KvCache } from './kv-cache.js';

export interface Slot {
  /** Tokens this slot knows of; the cache holds the first `cache.length` of them. */
  readonly tokens: number[];
  cache: KvCache;
  /** Only slots of the same salt share what they hold. */
  readonly salt: string | undefined;
  lastUsedMs: number;
  /** Jobs that are using it just now: while there are any, it is not evicted. */
  pins: number;
}
