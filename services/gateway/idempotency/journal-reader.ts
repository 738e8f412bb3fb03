// The side of a journal that others than its owner see: what it writes, as it comes.
import { setTimeout as sleep } from 'node:timers/promises';
import { AppError } from '#libs/errors/index.js';
import type { JournalPage, JournalStore } from '#libs/session/index.js';
import type { JournalEntries, JournalEntry } from './journal-entry.js';

/** Between two looks: short while something comes, longer while nothing does. */
const POLL_MS = { least: 20, most: 200 };
/** Patience with a store that is away. */
const MOST_AWAY_MS = 10_000;

export interface JournalReaderOptions {
  readonly store: Pick<JournalStore, 'read'>;
  readonly key: string;
  readonly entries: JournalEntries;
  readonly onEntry: (entry: JournalEntry) => void;
  /** Monotonic milliseconds. */
  readonly now: () => number;
}

export class JournalReader {
  #pollMs = 0;
  #awaySince: number | undefined;

  /** @param numRead entries that are known already. */
  constructor(
    private readonly options: JournalReaderOptions,
    public numRead = 0,
  ) {}

  /** What is there. Errors: `unavailable`, `internal` for entries that make no sense. */
  async all(): Promise<void> {
    while ((await this.#page()).entries.length > 0);
  }

  /**
   * Looks once, after a while; how the journal stands, once nothing in it is new. `running` is also said of a store that is
   * away for a little. Errors: as of `all`.
   */
  async next(): Promise<JournalPage['state']> {
    await sleep(this.#pollMs);
    const page = await this.#patiently();
    const isNews = page !== undefined && page.entries.length > 0;
    this.#pollMs = isNews ? 0 : Math.min(Math.max(this.#pollMs * 2, POLL_MS.least), POLL_MS.most);
    return isNews || page === undefined ? 'running' : page.state;
  }

  async #patiently(): Promise<JournalPage | undefined> {
    const { now } = this.options;
    try {
      const page = await this.#page();
      this.#awaySince = undefined;
      return page;
    } catch (thrown) {
      const error = AppError.from(thrown);
      this.#awaySince ??= now();
      if (error.code !== 'unavailable' || now() - this.#awaySince > MOST_AWAY_MS) throw error;
      return undefined;
    }
  }

  async #page(): Promise<JournalPage> {
    const { store, key, entries, onEntry } = this.options;
    const page = await store.read(key, this.numRead);
    for (const text of page.entries) {
      onEntry(entries.read(text));
      this.numRead++;
    }
    return page;
  }
}
