// Finds the journal of a request that came with an idempotency key.
import type { JournalStanding, JournalStore } from '#libs/session/index.js';
import type { Logger, Metrics } from '#libs/telemetry/index.js';
import type { Caller } from '../generation/caller.js';
import type { GenerationRequest } from '../generation/generation-request.js';
import { AnswerJournal } from './answer-journal.js';
import { JournalEntries } from './journal-entry.js';
import { asOpened, type Opening, openingText, readOpening } from './opening.js';
import { journalKey } from './request-key.js';

export interface JournalsOptions {
  /** Closed with this. */
  readonly store: JournalStore;
  /** As the store's. */
  readonly leaseMs: number;
  readonly vocabSize: number;
  readonly metrics: Pick<Metrics, 'idempotentRequests'>;
  readonly logger: Logger;
  /** Monotonic milliseconds. */
  readonly now: () => number;
  readonly unixSeconds: () => number;
}

/** A request as its first attempt had it, and what has become of it. */
export interface KeyedRequests {
  readonly requests: readonly GenerationRequest[];
  readonly created: number;
  readonly journal: AnswerJournal;
}

export class Journals {
  readonly #endings = new Set<Promise<void>>();

  constructor(private readonly options: JournalsOptions) {}

  /**
   * Undefined for a request without a key.
   * Errors: `idempotency_key_reused`, `answer_not_kept`, `unavailable` (store away: the key's promise can't be kept).
   */
  async open(
    asked: readonly GenerationRequest[],
    caller: Caller,
    startedAt: number,
  ): Promise<KeyedRequests | undefined> {
    if (caller.key === undefined) return undefined;
    const { store, leaseMs, vocabSize, now, logger, metrics } = this.options;
    const key = journalKey(caller.tenant, caller.key);
    const { fingerprint } = caller.key;
    const ours = openingText(asked, this.options.unixSeconds());
    const opened = await store.open({ key, fingerprint, opening: ours });
    const opening: Opening = readOpening(opened.opening, asked.length);
    const requests = asOpened(asked, opening);
    const [{ id: requestId, numChoices = 1 }] = requests as [GenerationRequest];
    const all = requests.length * numChoices;
    const tell = (standing: JournalStanding) => metrics.idempotentRequests.inc(standing);
    const parts = {
      store,
      key,
      leaseMs,
      now,
      startedAt,
      open: () => store.open({ key, fingerprint, opening: opened.opening }),
      entries: new JournalEntries(vocabSize, all),
      numChoices: all,
      onDegraded: (err: Error) =>
        logger.warn({ requestId, err }, 'what is generated for an idempotency key is not kept for now'),
      onTakenOver: () => {
        tell('resumed');
        logger.info({ requestId }, 'took over from a gateway that is gone');
      },
    };
    const journal = await AnswerJournal.of(parts, opened);
    tell(opened.standing);
    caller.onKey?.(opened.standing);
    return { requests, created: opening.created, journal };
  }

  /** See AnswerJournal.close. */
  end(journal: AnswerJournal, nothingShown = false): void {
    const ending = journal.close(nothingShown).finally(() => this.#endings.delete(ending));
    this.#endings.add(ending);
  }

  /** When all requests are over. */
  async close(): Promise<void> {
    await Promise.all(this.#endings);
    await this.options.store.close();
  }
}
