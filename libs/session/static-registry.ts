// The registry without Redis: the workers named in the configuration, plus those that register in this process.
import type { Registration, Registry, Role, WorkerRecord } from './registry.js';
import { checkWorkerRecord, sortedById } from './worker-record.js';
import type { WorkerStatus } from './worker-status.js';

export class StaticRegistry implements Registry {
  readonly #configured: ReadonlyMap<string, WorkerRecord>;
  readonly #registered = new Map<string, WorkerRecord>();
  readonly #statuses = new Map<string, () => WorkerStatus>();

  constructor(workers: readonly WorkerRecord[] = []) {
    this.#configured = new Map(workers.map((worker) => [worker.id, checkWorkerRecord(worker)]));
  }

  async register(worker: WorkerRecord, status?: () => WorkerStatus): Promise<Registration> {
    const record = checkWorkerRecord(worker);
    if (status !== undefined) this.#statuses.set(record.id, status);
    this.#registered.set(record.id, record);
    let closed = false;
    return {
      drain: async () => {
        if (!closed) this.#registered.set(record.id, Object.freeze({ ...record, draining: true }));
      },
      close: async () => {
        if (!closed) this.#registered.delete(record.id);
        if (!closed) this.#statuses.delete(record.id);
        closed = true;
      },
    };
  }

  workers(role: Role): readonly WorkerRecord[] {
    const all = new Map([...this.#configured, ...this.#registered]);
    const listed = [...all.values()].filter((worker) => worker.role === role);
    return sortedById(
      listed.map((worker) => {
        const status = this.#statuses.get(worker.id);
        return status === undefined ? worker : { ...worker, status: status() };
      }),
    );
  }

  async ready(): Promise<void> {}

  async close(): Promise<void> {
    this.#registered.clear();
  }
}
