// The owner's side of a journal: adds entries, keeps the lease, and notices when another has taken over. A store that is
// away holds nobody up: what it missed is made good when it is back.
import { AppError } from '#libs/errors/index.js';
import type { JournalEnding, JournalStore } from '#libs/session/index.js';

/** Extensions in a lease: one may fail. */
const EXTENSIONS = 3;

export interface JournalWriterOptions {
  readonly store: Pick<JournalStore, 'append' | 'end'>;
  readonly key: string;
  readonly owner: string;
  /** Entries that are there already. */
  readonly from: number;
  readonly leaseMs: number;
  /** Told once each time the store goes away. */
  readonly onDegraded: (cause: AppError) => void;
}

interface Unkept {
  readonly text: string;
  /** Whether its reader need not wait for the store any more. */
  isShown: boolean;
}

/** `alone`: nobody can go on from what is kept, so nothing is added any more. */
type Standing = 'owner' | 'fenced' | 'alone';

export class JournalWriter {
  #standing: Standing = 'owner';
  #unkept: Unkept[] = [];
  #numKept: number;
  #isAway = false;
  #sending: Promise<void> = Promise.resolve();
  #ended: Promise<void> | undefined;
  readonly #timer: NodeJS.Timeout;

  constructor(private readonly options: JournalWriterOptions) {
    this.#numKept = options.from;
    this.#timer = setInterval(() => {
      if (this.#standing === 'owner') void this.#flush(true);
    }, options.leaseMs / EXTENSIONS);
  }

  get numKept(): number {
    return this.#numKept;
  }

  /** Resolves when the entry may be shown: it is kept, or can't be. False: another owner goes on, from before it. */
  async add(text: string): Promise<boolean> {
    if (this.#standing !== 'owner') return this.#standing === 'alone';
    const entry: Unkept = { text, isShown: false };
    this.#unkept.push(entry);
    // While it is away the timer tries again; each round would wait for it otherwise.
    if (!this.#isAway) await this.#flush(false);
    // The compiler doesn't see that it may have changed meanwhile.
    if ((this.#standing as Standing) !== 'fenced') entry.isShown = true;
    return entry.isShown;
  }

  /** Once. Never throws: a journal that can't be ended is orphaned when its lease runs out. */
  end(ending: JournalEnding): Promise<void> {
    this.#ended ??= this.#end(ending);
    return this.#ended;
  }

  async #end(ending: JournalEnding): Promise<void> {
    const { store, key, owner } = this.options;
    clearInterval(this.#timer);
    await this.#flush(false);
    if (this.#standing !== 'owner') return;
    const isWhole = this.#unkept.length === 0;
    await store.end(key, owner, ending === 'complete' && !isWhole ? 'release' : ending).catch(() => {});
  }

  /** One call after the other: entries keep their order. */
  #flush(extendsLease: boolean): Promise<void> {
    this.#sending = this.#sending.then(() => this.#send(extendsLease));
    return this.#sending;
  }

  async #send(extendsLease: boolean): Promise<void> {
    const batch = this.#unkept.slice();
    if (this.#standing !== 'owner' || (batch.length === 0 && !extendsLease)) return;
    const { store, key, owner } = this.options;
    try {
      const texts = batch.map(({ text }) => text);
      const receipt = await store.append(key, owner, this.#numKept, texts);
      this.#isAway = false;
      if (receipt === 'kept') {
        for (const entry of batch) entry.isShown = true;
        this.#unkept = this.#unkept.slice(batch.length);
        this.#numKept += batch.length;
      } else {
        const isAhead = this.#unkept.some(({ isShown }) => isShown);
        this.#standing = receipt === 'fenced' && !isAhead ? 'fenced' : 'alone';
        clearInterval(this.#timer);
      }
    } catch (thrown) {
      if (!this.#isAway) this.options.onDegraded(AppError.from(thrown));
      this.#isAway = true;
    }
  }
}
