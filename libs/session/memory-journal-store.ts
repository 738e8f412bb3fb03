// Journals in this process: the default when one gateway serves alone. Same contract as RedisJournalStore, but for what a
// restart leaves: nothing.
import { randomUUID } from 'node:crypto';
import { answerNotKept, keyReused } from './journal-refusals.js';
import type {
  JournalEnding,
  JournalLimits,
  JournalOpening,
  JournalPage,
  JournalReceipt,
  JournalStore,
  OpenJournal,
} from './journal-store.js';

export interface MemoryJournalStoreOptions extends JournalLimits {
  /** Monotonic milliseconds. */
  readonly now: () => number;
  /** UTF-16 units of all journals: beyond them those go whose last entry is oldest. Default 64 Mi. */
  readonly maxTotalSize?: number;
}

interface Journal extends JournalOpening {
  owner: string;
  state: 'running' | 'complete' | 'dropped';
  entries: string[];
  size: number;
  leaseUntil: number;
  expiresAt: number;
}

/** What a journal takes up besides its entries. */
const BASE_SIZE = 1024;

export class MemoryJournalStore implements JournalStore {
  /** Each addition moves its journal to the end, so the first one expires first. */
  readonly #journals = new Map<string, Journal>();
  readonly #options: Required<MemoryJournalStoreOptions>;
  #totalSize = 0;

  constructor(options: MemoryJournalStoreOptions) {
    this.#options = { maxTotalSize: 64 * 1024 * 1024, ...options };
  }

  async open(request: JournalOpening): Promise<OpenJournal> {
    this.#dropExpired();
    const owner = randomUUID();
    const { key } = request;
    const journal = this.#journals.get(key);
    if (journal === undefined) {
      const fresh: Journal = {
        ...request,
        owner,
        state: 'running',
        entries: [],
        size: BASE_SIZE + request.opening.length,
        leaseUntil: 0,
        expiresAt: 0,
      };
      this.#totalSize += fresh.size;
      this.#renew(fresh);
      this.#makeRoom();
      return { standing: 'started', owner, opening: request.opening };
    }
    if (journal.fingerprint !== request.fingerprint) throw keyReused();
    if (journal.state === 'dropped') throw answerNotKept();
    const { opening } = journal;
    if (journal.state === 'complete') return { standing: 'complete', owner, opening };
    if (journal.leaseUntil > this.#options.now()) return { standing: 'attached', owner, opening };
    journal.owner = owner;
    this.#renew(journal);
    return { standing: 'resumed', owner, opening };
  }

  async read(key: string, from: number): Promise<JournalPage> {
    this.#dropExpired();
    const journal = this.#journals.get(key);
    if (journal === undefined || journal.state === 'dropped') return { entries: [], state: 'gone' };
    const entries = journal.entries.slice(from);
    if (journal.state === 'complete') return { entries, state: 'complete' };
    return { entries, state: journal.leaseUntil > this.#options.now() ? 'running' : 'orphaned' };
  }

  async append(
    key: string,
    owner: string,
    from: number,
    entries: readonly string[],
  ): Promise<JournalReceipt> {
    this.#dropExpired();
    const journal = this.#journals.get(key);
    if (journal === undefined || journal.state === 'dropped' || from > journal.entries.length) return 'gone';
    if (journal.owner !== owner) return 'fenced';
    for (const entry of entries.slice(journal.entries.length - from)) {
      journal.entries.push(entry);
      journal.size += entry.length;
      this.#totalSize += entry.length;
    }
    if (journal.size > BASE_SIZE + journal.opening.length + this.#options.maxSize) {
      this.#totalSize -= journal.size - BASE_SIZE;
      Object.assign(journal, { state: 'dropped', entries: [], size: BASE_SIZE });
      return 'gone';
    }
    this.#renew(journal);
    this.#makeRoom();
    return 'kept';
  }

  async end(key: string, owner: string, ending: JournalEnding): Promise<void> {
    const journal = this.#journals.get(key);
    if (journal?.owner !== owner || journal.state !== 'running') return;
    if (ending === 'forget') this.#remove(journal);
    else if (ending === 'complete') journal.state = 'complete';
    else journal.leaseUntil = 0;
  }

  async close(): Promise<void> {
    this.#journals.clear();
  }

  #renew(journal: Journal): void {
    const now = this.#options.now();
    journal.leaseUntil = now + this.#options.leaseMs;
    journal.expiresAt = now + this.#options.ttlMs;
    this.#journals.delete(journal.key);
    this.#journals.set(journal.key, journal);
  }

  #makeRoom(): void {
    for (const journal of this.#journals.values()) {
      if (this.#totalSize <= this.#options.maxTotalSize) return;
      this.#remove(journal);
    }
  }

  #remove(journal: Journal): void {
    this.#journals.delete(journal.key);
    this.#totalSize -= journal.size;
  }

  #dropExpired(): void {
    const now = this.#options.now();
    for (const journal of this.#journals.values()) {
      if (journal.expiresAt > now) return;
      this.#remove(journal);
    }
  }
}
