// One request with an idempotency key, at this gateway: whose its generation is, and what it has brought so far. Who owns it
// writes each round down before anybody reads it, so that whoever takes over goes on from all that was ever shown; the
// others read what the owner writes, and take over when its lease runs out.
import { AppError } from '#libs/errors/index.js';
import type { JournalStanding, JournalStore, OpenJournal } from '#libs/session/index.js';
import type { JournalEntries, JournalEntry } from './journal-entry.js';
import { JournalReader } from './journal-reader.js';
import { JournalWriter } from './journal-writer.js';
import { KeptRounds } from './kept-rounds.js';
import { unlessAborted } from './unless-aborted.js';

export interface AnswerJournalParts {
  readonly store: JournalStore;
  readonly key: string;
  /** Asks for the same journal once more. */
  readonly open: () => Promise<OpenJournal>;
  readonly entries: JournalEntries;
  readonly numChoices: number;
  readonly leaseMs: number;
  /** Monotonic milliseconds; and when the request came, by that clock. */
  readonly now: () => number;
  readonly startedAt: number;
  /** Told once each time the store goes away. */
  readonly onDegraded: (cause: AppError) => void;
  readonly onTakenOver: () => void;
}

export class AnswerJournal {
  readonly rounds: KeptRounds;
  readonly #reader: JournalReader;
  readonly #incomplete: Set<number>;
  #writer: JournalWriter | undefined;
  #polling: Promise<void> | undefined;
  /** The owner's clock goes on from where its predecessor's stood. */
  #clock: { readonly baseMs: number; readonly since: number };
  #queueMs = 0;
  #late: () => Promise<number> = async () => 0;
  #isClosed = false;
  #tenure = 0;

  private constructor(
    private readonly parts: AnswerJournalParts,
    readonly standing: JournalStanding,
  ) {
    const { numChoices, startedAt } = parts;
    this.rounds = new KeptRounds(numChoices);
    this.#reader = new JournalReader({ ...parts, onEntry: (entry) => this.rounds.add(entry) });
    this.#incomplete = new Set(Array.from({ length: numChoices }, (_, choice) => choice));
    this.#clock = { baseMs: 0, since: startedAt };
  }

  /** Errors: `unavailable` (store away), `internal` (what it holds makes no sense). */
  static async of(parts: AnswerJournalParts, { standing, owner }: OpenJournal): Promise<AnswerJournal> {
    const journal = new AnswerJournal(parts, standing);
    if (standing === 'started' || standing === 'resumed') await journal.#own(owner, standing === 'resumed');
    return journal;
  }

  get isOurs(): boolean {
    return this.#writer !== undefined;
  }

  /**
   * For the owner: so long it waited for its places.
   * @param late gets places once this gateway has taken over midway; the milliseconds that it waited.
   */
  admitted(queueMs: number, late: () => Promise<number>): void {
    this.#queueMs += queueMs;
    this.#late = late;
  }

  /** Which of the times that it was ours. */
  get tenure(): number {
    return this.#tenure;
  }

  /** For the owner. Undefined: another has taken over since `tenure`, and the round is not to be shown. */
  async add(
    round: Pick<JournalEntry, 'choice' | 'failovers' | 'response'>,
    tenure: number,
  ): Promise<JournalEntry | undefined> {
    if (tenure !== this.#tenure) return undefined;
    const { baseMs, since } = this.#clock;
    const atMs = baseMs + this.parts.now() - since;
    const entry: JournalEntry = { ...round, atMs, queueMs: this.#queueMs };
    const writer = this.#writer;
    if (await writer?.add(this.parts.entries.write(entry))) {
      this.rounds.add(entry);
      return entry;
    }
    if (writer !== undefined && this.#writer === writer) {
      this.#writer = undefined;
      this.#reader.numRead = writer.numKept;
    }
    return undefined;
  }

  /**
   * For others: resolves when there may be more, or when it is ours.
   * Errors: `unavailable` (store away, journal lost), `internal`, those of taking over, and the signal's.
   */
  more(signal: AbortSignal): Promise<void> {
    this.#polling ??= this.#poll().finally(() => {
      this.#polling = undefined;
    });
    return unlessAborted(this.#polling, signal);
  }

  /** The choice's text is whole, whatever its rounds say. */
  complete(choice: number): void {
    this.#incomplete.delete(choice);
    if (this.#incomplete.size === 0) void this.#writer?.end('complete');
  }

  /** @param nothingShown as if there had been no request; else what was shown is left for another to go on with at once. */
  async close(nothingShown = false): Promise<void> {
    this.#isClosed = true;
    await this.#writer?.end(nothingShown && this.standing === 'started' ? 'forget' : 'release');
  }

  async #poll(): Promise<void> {
    const state = await this.#reader.next();
    if (state === 'running' || this.#isClosed) return;
    if (state === 'orphaned') return this.#takeOver();
    throw lost(state === 'gone' ? 'was lost' : 'ends too early');
  }

  async #takeOver(): Promise<void> {
    const { standing, owner } = await this.parts.open();
    if (standing === 'attached' || standing === 'complete') return;
    if (standing === 'started') {
      // It was lost between two calls: the new one holds none of what was shown.
      await this.parts.store.end(this.parts.key, owner, 'forget');
      throw lost('was lost');
    }
    this.parts.onTakenOver();
    await this.#own(owner, true);
    if (this.#isClosed) return this.close();
    this.#queueMs += await this.#late();
  }

  async #own(owner: string, hasEntries: boolean): Promise<void> {
    const { store, key, now, onDegraded, leaseMs } = this.parts;
    try {
      if (hasEntries) await this.#reader.all();
    } catch (thrown) {
      await store.end(key, owner, 'release').catch(() => {});
      throw thrown;
    }
    const { last } = this.rounds;
    if (last !== undefined) {
      this.#clock = { baseMs: last.atMs, since: now() };
      this.#queueMs = last.queueMs;
    }
    this.#tenure++;
    const from = this.#reader.numRead;
    this.#writer = new JournalWriter({ store, key, owner, from, leaseMs, onDegraded });
  }
}

function lost(why: string): AppError {
  return new AppError('unavailable', `The record of this Idempotency-Key ${why}; please try again.`);
}
