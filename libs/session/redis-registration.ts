// One worker's own entry in Redis and the heartbeat that keeps it alive.
import type { Degradation } from './degradation.js';
import { askRedis, type RedisClient } from './redis-connection.js';
import type { RedisKeys } from './redis-keys.js';
import type { Registration, WorkerRecord } from './registry.js';
import { statusText, type WorkerStatus } from './worker-status.js';

export type RegistryRedis = RedisClient & {
  heartbeat(...keysAndArguments: (string | number)[]): Promise<number>;
  forgetWorker(...keysAndArguments: string[]): Promise<number>;
};

export interface HeartbeatOptions {
  readonly client: RegistryRedis;
  readonly keys: RedisKeys;
  readonly ttlMs: number;
  readonly heartbeatMs: number;
  /** Set as the epoch if Redis has none. */
  readonly freshEpoch: string;
  readonly degradation: Degradation;
}

export class RedisRegistration implements Registration {
  #worker: WorkerRecord;
  #closed = false;
  readonly #timer: NodeJS.Timeout;

  constructor(
    worker: WorkerRecord,
    private readonly options: HeartbeatOptions,
    private readonly onClosed: (registration: RedisRegistration) => void,
    private readonly status?: () => WorkerStatus,
  ) {
    this.#worker = worker;
    this.#timer = setInterval(() => void this.beat(), options.heartbeatMs);
  }

  /** Writes the entry for one more TTL. Never throws: the next beat, or Redis's return, tries again. */
  async beat(): Promise<void> {
    if (this.#closed) return;
    const { client, keys, ttlMs, freshEpoch, degradation } = this.options;
    const { id, role } = this.#worker;
    const record = JSON.stringify(this.#worker);
    try {
      await askRedis(client, 'take a heartbeat', async () => {
        // Before the record: whoever hears of a new worker can read its status too.
        if (this.status !== undefined)
          await client.set(keys.status(role, id), statusText(this.status()), 'PX', ttlMs);
        await client.heartbeat(
          keys.epoch,
          keys.ids(role),
          keys.worker(role, id),
          id,
          record,
          ttlMs,
          freshEpoch,
          keys.changes,
        );
      });
      degradation.recovered();
    } catch (cause) {
      if (!this.#closed) degradation.failed(cause);
    }
  }

  async drain(): Promise<void> {
    this.#worker = Object.freeze({ ...this.#worker, draining: true });
    await this.beat();
  }

  async close(): Promise<void> {
    if (this.#closed) return;
    this.#closed = true;
    clearInterval(this.#timer);
    this.onClosed(this);
    const { client, keys } = this.options;
    const { id, role } = this.#worker;
    try {
      await askRedis(client, 'remove a worker', () =>
        client.forgetWorker(keys.ids(role), keys.worker(role, id), id, keys.changes, '1'),
      );
    } catch {
      // Redis is away: the entry expires by itself.
    }
  }
}
