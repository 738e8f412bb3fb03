// What a request with an idempotency key has generated so far, kept where the gateway that gets its retry finds it. One
// gateway at a time owns a journal and adds to it, under a lease; whoever takes over an expired lease fences off the owner
// before. Entries are texts in an order that never changes; what they say is the gateway's affair.

export interface JournalOpening {
  /** 64 hex digits: a digest of whose key it is, and of the key. */
  readonly key: string;
  /** Digest of the request: the same key with another one is refused. */
  readonly fingerprint: string;
  /** Kept with the journal if it is new. */
  readonly opening: string;
}

/**
 * `started`: there was none, and this one is ours. `resumed`: its owner is gone, and it is ours now. `attached`: another
 * owner is at it. `complete`: nothing will be added.
 */
export type JournalStanding = 'started' | 'resumed' | 'attached' | 'complete';

export interface OpenJournal {
  readonly standing: JournalStanding;
  /** Ours; nobody else's. To be named with everything that is added. */
  readonly owner: string;
  /** As the one who started it wrote it. */
  readonly opening: string;
}

export interface JournalPage {
  /** From the one asked for on, not necessarily all. */
  readonly entries: readonly string[];
  /** `orphaned`: its owner's lease has run out. `gone`: there is no such journal, or not any more. */
  readonly state: 'running' | 'orphaned' | 'complete' | 'gone';
}

/** `fenced`: another owner has taken over. `gone`: it is lost, or too large to be kept. */
export type JournalReceipt = 'kept' | 'fenced' | 'gone';

/** How an owner leaves: done; to be gone on with by another at once; or as if it had never begun. */
export type JournalEnding = 'complete' | 'release' | 'forget';

/** Every method's errors: `unavailable` (store away). */
export interface JournalStore {
  /**
   * Begins the journal, or finds out who is at it and takes over if nobody is.
   * Errors: `idempotency_key_reused` (another fingerprint), `answer_not_kept` (it grew too large).
   */
  open(opening: JournalOpening): Promise<OpenJournal>;
  /** @param from Number of entries that the reader has. */
  read(key: string, from: number): Promise<JournalPage>;
  /**
   * Adds entries and extends the lease; with none it only extends. Safe to repeat.
   * @param from Number of entries before these.
   */
  append(key: string, owner: string, from: number, entries: readonly string[]): Promise<JournalReceipt>;
  /** Without effect for anybody but the owner. */
  end(key: string, owner: string, ending: JournalEnding): Promise<void>;
  close(): Promise<void>;
}

export interface JournalLimits {
  /** An owner that says nothing for so long is gone. */
  readonly leaseMs: number;
  /** How long a journal outlives its last entry. */
  readonly ttlMs: number;
  /** UTF-16 units of all entries of one journal; one that grows larger is not kept. */
  readonly maxSize: number;
}
