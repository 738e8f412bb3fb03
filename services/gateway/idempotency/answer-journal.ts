// One request with an idempotency key, at this gateway: whose its generation is, and what it has brought so far. Who owns it
// writes each round down before anybody reads it, so that whoever takes over goes on from all that was ever shown; the
// others read what the owner writes, and take over when its lease runs out.
import { AppError } from '#libs/errors/index.js';
import type { JournalStanding, JournalStore, OpenJournal } from '#libs/session/index.js';
import type { JournalEntries } from './journal-entry.js';
import { JournalReader } from './journal-reader.js';
import { JournalWriter } from './journal-writer.js';
import { KeptRounds } from './kept-rounds.js';
import { Tenure } from './tenure.js';
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
  #tenure: Tenure | undefined;
  #polling: Promise<void> | undefined;
  #late: () => Promise<number> = async () => 0;
  #isClosed = false;

  private constructor(
    private readonly parts: AnswerJournalParts,
    readonly standing: JournalStanding,
  ) {
    const { numChoices } = parts;
    this.rounds = new KeptRounds(numChoices);
    this.#reader = new JournalReader({ ...parts, onEntry: (entry) => this.rounds.add(entry) });
    this.#incomplete = new Set(Array.from({ length: numChoices }, (_, choice) => choice));
  }

  /** Errors: `unavailable` (store away), `internal` (what it holds makes no sense). */
  static async of(parts: AnswerJournalParts, { standing, owner }: OpenJournal): Promise<AnswerJournal> {
    const journal = new AnswerJournal(parts, standing);
    if (standing === 'started' || standing === 'resumed')
      journal.#tenure = await journal.#own(owner, standing === 'resumed');
    return journal;
  }

  get isOurs(): boolean {
    return this.#tenure !== undefined;
  }

  /** Undefined while the journal is another gateway's. */
  get tenure(): Tenure | undefined {
    return this.#tenure;
  }

  /** @param late gets places once this gateway has taken over midway; the milliseconds that it waited for them. */
  onTakingOver(late: () => Promise<number>): void {
    this.#late = late;
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
    const tenure = await this.#own(owner, true);
    if (this.#isClosed) return this.close();
    tenure.admitted(await this.#late());
    // Not before: choices that see it go on at once.
    this.#tenure = tenure;
  }

  async #own(owner: string, hasEntries: boolean): Promise<Tenure> {
    const { store, key, now, startedAt } = this.parts;
    try {
      if (hasEntries) await this.#reader.all();
    } catch (thrown) {
      await store.end(key, owner, 'release').catch(() => {});
      throw thrown;
    }
    const { last } = this.rounds;
    const writer = new JournalWriter({ ...this.parts, owner, from: this.#reader.numRead });
    this.#writer = writer;
    const tenure: Tenure = new Tenure({
      ...this.parts,
      writer,
      last,
      since: last === undefined ? startedAt : now(),
      onKept: (entry) => this.rounds.add(entry),
      onFenced: () => {
        if (this.#tenure !== tenure) return;
        this.#tenure = undefined;
        this.#reader.numRead = writer.numKept;
      },
    });
    return tenure;
  }
}

function lost(why: string): AppError {
  return new AppError('unavailable', `The record of this Idempotency-Key ${why}; please try again.`);
}
