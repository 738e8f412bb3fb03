// The registry without Redis: the workers named in the configuration, plus those that register in this process.
import type { Registration, Registry, Role, WorkerRecord } from './registry.js';
import { checkWorkerRecord, sortedById } from './worker-record.js';

export class StaticRegistry implements Registry {
  readonly #configured: ReadonlyMap<string, WorkerRecord>;
  readonly #registered = new Map<string, WorkerRecord>();

  constructor(workers: readonly WorkerRecord[] = []) {
    this.#configured = new Map(workers.map((worker) => [worker.id, checkWorkerRecord(worker)]));
  }

  async register(worker: WorkerRecord): Promise<Registration> {
    const record = checkWorkerRecord(worker);
    this.#registered.set(record.id, record);
    let closed = false;
    return {
      drain: async () => {
        if (!closed) this.#registered.set(record.id, Object.freeze({ ...record, draining: true }));
      },
      close: async () => {
        if (!closed) this.#registered.delete(record.id);
        closed = true;
      },
    };
  }

  workers(role: Role): readonly WorkerRecord[] {
    const all = new Map([...this.#configured, ...this.#registered]);
    return sortedById([...all.values()].filter((worker) => worker.role === role));
  }

  async ready(): Promise<void> {}

  async close(): Promise<void> {
    this.#registered.clear();
  }
}
