// Journals in Redis, shared by all gateways: one script a step, so that of two that want to own one, one does. A journal is
// a stream with a TTL, beside it who owns it and a lease that runs out by Redis's own clock.
import { randomUUID } from 'node:crypto';
import { AppError } from '#libs/errors/index.js';
import { answerNotKept, keyReused } from './journal-refusals.js';
import type {
  JournalEnding,
  JournalLimits,
  JournalOpening,
  JournalPage,
  JournalReceipt,
  JournalStanding,
  JournalStore,
  OpenJournal,
} from './journal-store.js';
import { APPEND_JOURNAL } from './lua/append-journal-3.lua.js';
import { END_JOURNAL } from './lua/end-journal-3.lua.js';
import { OPEN_JOURNAL } from './lua/open-journal-3.lua.js';
import { READ_JOURNAL } from './lua/read-journal-3.lua.js';
import { askRedis, connectRedis, type RedisClient, type RedisLink } from './redis-connection.js';
import { RedisKeys } from './redis-keys.js';

export interface RedisJournalStoreOptions extends RedisLink, JournalLimits {
  readonly url: string;
  readonly namespace?: string;
}

type Script<Reply> = (...keysAndArguments: (string | number)[]) => Promise<Reply>;
type JournalRedis = RedisClient & {
  openJournal: Script<[string, string]>;
  appendJournal: Script<string>;
  readJournal: Script<[string, ...string[]]>;
  endJournal: Script<number>;
};

/** Of one reading: its reply is in memory whole, here and there. */
const MAX_ENTRIES_A_READ = 64;
const STANDINGS: readonly string[] = ['started', 'resumed', 'attached', 'complete'];
const STATES: readonly string[] = ['running', 'orphaned', 'complete', 'gone'];
const RECEIPTS: readonly string[] = ['kept', 'fenced', 'gone'];

export class RedisJournalStore implements JournalStore {
  readonly #client: JournalRedis;

  private constructor(
    client: RedisClient,
    private readonly keys: RedisKeys,
    private readonly limits: JournalLimits,
  ) {
    client.defineCommand('openJournal', { lua: OPEN_JOURNAL, numberOfKeys: 3 });
    client.defineCommand('appendJournal', { lua: APPEND_JOURNAL, numberOfKeys: 3 });
    client.defineCommand('readJournal', { lua: READ_JOURNAL, numberOfKeys: 3 });
    client.defineCommand('endJournal', { lua: END_JOURNAL, numberOfKeys: 3 });
    this.#client = client as JournalRedis;
  }

  /** Errors: `invalid_argument` (URL, namespace). A Redis that is away is no error. */
  static async open(options: RedisJournalStoreOptions): Promise<RedisJournalStore> {
    const keys = new RedisKeys(options.namespace);
    return new RedisJournalStore(await connectRedis(options.url, options), keys, options);
  }

  async open({ key, fingerprint, opening }: JournalOpening): Promise<OpenJournal> {
    const owner = randomUUID();
    const { leaseMs, ttlMs } = this.limits;
    const [standing, kept] = await askRedis(this.#client, 'open a journal', () =>
      this.#client.openJournal(...this.keys.journal(key), fingerprint, opening, owner, leaseMs, ttlMs),
    );
    if (standing === 'reused') throw keyReused();
    if (standing === 'dropped') throw answerNotKept();
    return { standing: oneOf<JournalStanding>(STANDINGS, standing), owner, opening: kept };
  }

  async read(key: string, from: number): Promise<JournalPage> {
    const [state, ...entries] = await askRedis(this.#client, 'read a journal', () =>
      this.#client.readJournal(...this.keys.journal(key), from, MAX_ENTRIES_A_READ),
    );
    return { entries, state: oneOf<JournalPage['state']>(STATES, state) };
  }

  async append(
    key: string,
    owner: string,
    from: number,
    entries: readonly string[],
  ): Promise<JournalReceipt> {
    const { leaseMs, ttlMs, maxSize } = this.limits;
    const receipt = await askRedis(this.#client, 'add to a journal', () =>
      this.#client.appendJournal(...this.keys.journal(key), owner, leaseMs, ttlMs, maxSize, from, ...entries),
    );
    return oneOf<JournalReceipt>(RECEIPTS, receipt);
  }

  async end(key: string, owner: string, ending: JournalEnding): Promise<void> {
    await askRedis(this.#client, 'end a journal', () =>
      this.#client.endJournal(...this.keys.journal(key), owner, ending, this.limits.ttlMs),
    );
  }

  async close(): Promise<void> {
    this.#client.disconnect();
  }
}

function oneOf<T extends string>(known: readonly string[], said: string): T {
  if (known.includes(said)) return said as T;
  throw new AppError('unavailable', 'Redis holds a journal that says nothing known of itself.');
}
