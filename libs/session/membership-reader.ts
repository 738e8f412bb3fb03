// Reads from Redis who is registered, and tidies up ids whose entry has expired.
import type { Reading } from './membership.js';
import { askRedis } from './redis-connection.js';
import type { RedisKeys } from './redis-keys.js';
import type { RegistryRedis } from './redis-registration.js';
import { ROLES, type Role, type WorkerRecord } from './registry.js';
import { parseWorkerRecord } from './worker-record.js';
import { parseWorkerStatus } from './worker-status.js';

export interface MembershipReaderOptions {
  readonly client: RegistryRedis;
  readonly keys: RedisKeys;
  /** Whether to read what verifiers tell of themselves. */
  readonly readsStatus: boolean;
  /** Told once of an entry that is no worker record: another version's, or somebody meddles. */
  readonly onMalformed: (role: Role, id: string) => void;
}

export class MembershipReader {
  /** "role:id" of the entries that the last reading found malformed. */
  #malformed = new Set<string>();

  constructor(private readonly options: MembershipReaderOptions) {}

  /** Errors: `unavailable`. */
  async read(): Promise<Reading> {
    return askRedis(this.options.client, 'list the workers', async () => {
      const { client, keys } = this.options;
      const malformed = new Set<string>();
      const [epoch, ...byRole] = await Promise.all([
        client.get(keys.epoch),
        ...ROLES.map((role) => this.#readRole(role, malformed)),
      ]);
      this.#malformed = malformed;
      return { epoch, workers: byRole.flat() };
    });
  }

  async #readRole(role: Role, malformed: Set<string>): Promise<WorkerRecord[]> {
    const { client, keys } = this.options;
    const ids = await client.smembers(keys.ids(role));
    if (ids.length === 0) return [];
    const [texts, statuses] = await Promise.all([
      client.mget(ids.map((id) => keys.worker(role, id))),
      this.options.readsStatus && role === 'verifier'
        ? client.mget(ids.map((id) => keys.status(role, id)))
        : [],
    ]);
    const workers: WorkerRecord[] = [];
    for (const [index, id] of ids.entries()) {
      const text = texts[index];
      if (typeof text !== 'string') {
        await client.forgetWorker(keys.ids(role), keys.worker(role, id), id, keys.changes, '0');
        continue;
      }
      const worker = parseWorkerRecord(text, { id, role });
      const status = parseWorkerStatus(statuses[index]);
      if (worker !== null) workers.push(status === undefined ? worker : Object.freeze({ ...worker, status }));
      else this.#report(role, id, malformed);
    }
    return workers;
  }

  #report(role: Role, id: string, malformed: Set<string>): void {
    const name = `${role}:${id}`;
    malformed.add(name);
    if (!this.#malformed.has(name)) this.options.onMalformed(role, id);
  }
}
