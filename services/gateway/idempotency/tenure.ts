// The time in which a journal is this gateway's own: it writes down what it generates, and when.
import type { JournalEntries, JournalEntry } from './journal-entry.js';
import type { JournalWriter } from './journal-writer.js';

export interface TenureOptions {
  readonly writer: JournalWriter;
  readonly entries: JournalEntries;
  /** Of the owner before. */
  readonly last: JournalEntry | undefined;
  /** When this gateway's clock begins, or goes on from where the owner's before stood. */
  readonly since: number;
  /** Monotonic milliseconds. */
  readonly now: () => number;
  readonly onKept: (entry: JournalEntry) => void;
  /** Another has taken over. */
  readonly onFenced: () => void;
}

export class Tenure {
  #queueMs: number;

  constructor(private readonly options: TenureOptions) {
    this.#queueMs = options.last?.queueMs ?? 0;
  }

  /** So long it waited for its places. */
  admitted(queueMs: number): void {
    this.#queueMs += queueMs;
  }

  /** Undefined: it is over, and the round is not to be shown. */
  async add(
    round: Pick<JournalEntry, 'choice' | 'failovers' | 'response'>,
  ): Promise<JournalEntry | undefined> {
    const { writer, entries, last, since, now, onKept, onFenced } = this.options;
    const atMs = (last?.atMs ?? 0) + now() - since;
    const entry: JournalEntry = { ...round, atMs, queueMs: this.#queueMs };
    if (await writer.add(entries.write(entry))) {
      onKept(entry);
      return entry;
    }
    onFenced();
    return undefined;
  }
}
