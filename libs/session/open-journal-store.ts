// Picks the implementation: Redis if there is a URL, else this process.
import type { JournalLimits, JournalStore } from './journal-store.js';
import { MemoryJournalStore, type MemoryJournalStoreOptions } from './memory-journal-store.js';
import { RedisJournalStore, type RedisJournalStoreOptions } from './redis-journal-store.js';

export interface JournalStoreOptions extends JournalLimits {
  /** As for a session; without it journals live in this process, and end with it. */
  readonly redisUrl?: string | undefined;
  readonly redis?: Pick<
    RedisJournalStoreOptions,
    'namespace' | 'commandTimeoutMs' | 'connectTimeoutMs' | 'tls'
  >;
  readonly now: MemoryJournalStoreOptions['now'];
}

/** Errors: `invalid_argument` (URL, namespace). A Redis that is away is no error. */
export async function openJournalStore(options: JournalStoreOptions): Promise<JournalStore> {
  const { redisUrl, redis, ...rest } = options;
  if (redisUrl === undefined) return new MemoryJournalStore(rest);
  return RedisJournalStore.open({ url: redisUrl, ...redis, ...rest });
}
