// From readings of Redis to "who is alive". A worker that a reading lacks is gone, except when Redis itself lost it:
// after an outage, or when its data was emptied, workers need a heartbeat to write themselves back. Until then those
// known before are believed for one grace period; a dead one among them costs a caller one failover.
import type { Role, WorkerRecord } from './registry.js';
import { sortedById } from './worker-record.js';

export interface Reading {
  /** Changes when Redis loses its data; null when there is none yet. */
  readonly epoch: string | null;
  readonly workers: readonly WorkerRecord[];
}

export class Membership {
  #epoch: string | null = null;
  #known: ReadonlyMap<string, WorkerRecord> = new Map();
  #sourceLost = false;
  #graceEndsAt = Number.NEGATIVE_INFINITY;

  /** `graceMs`: a worker's heartbeat TTL. `now`: monotonic milliseconds. */
  constructor(
    private readonly graceMs: number,
    private readonly now: () => number,
  ) {}

  workers(role: Role): readonly WorkerRecord[] {
    return sortedById([...this.#known.values()].filter((worker) => worker.role === role));
  }

  /** The source can't be read: the last answer stands. */
  lose(): void {
    this.#sourceLost = true;
  }

  observe({ epoch, workers }: Reading): void {
    const now = this.now();
    const lost = this.#sourceLost || epoch !== this.#epoch;
    if (lost && this.#known.size > 0) this.#graceEndsAt = now + this.graceMs;
    this.#sourceLost = false;
    this.#epoch = epoch;
    const carried = now < this.#graceEndsAt ? this.#known : [];
    this.#known = new Map([...carried, ...workers.map((worker) => [worker.id, worker] as const)]);
  }
}
