// Jobs of one kind, by tenant, in the order in which each tenant's own go: a step of priority is worth so much waiting, so
// that nothing waits for ever behind what is more urgent.
import type { Job } from './job.js';
import type { TenantShares } from './tenant-shares.js';

interface Entry<J extends Job> {
  readonly job: J;
  readonly tenant: string;
  readonly priority: number;
  readonly since: number;
  /** Ascending within a tenant. */
  readonly rank: number;
}

export class Line<J extends Job> {
  readonly #tenants = new Map<string, Entry<J>[]>();
  readonly #entries = new Map<J, Entry<J>>();

  /** @param agingMs Milliseconds of waiting that make up for one step of priority. */
  constructor(
    private readonly shares: TenantShares,
    private readonly agingMs: number,
  ) {}

  get size(): number {
    return this.#entries.size;
  }

  jobs(): Iterable<J> {
    return this.#entries.keys();
  }

  /** @param since When it began to wait. */
  add(job: J, since: number): void {
    const { tenant = '', priority = 0 } = job.claim;
    const entry = { job, tenant, priority, since, rank: since + priority * this.agingMs };
    this.#entries.set(job, entry);
    const entries = this.#tenants.get(tenant);
    if (entries === undefined) this.#tenants.set(tenant, [entry]);
    else entries.splice(placeOf(entries, entry.rank), 0, entry);
    this.shares.enter(tenant);
  }

  /** False if it isn't here. */
  remove(job: J): boolean {
    const entry = this.#entries.get(job);
    if (entry === undefined) return false;
    this.#entries.delete(job);
    const entries = this.#tenants.get(entry.tenant)!;
    entries.splice(entries.indexOf(entry), 1);
    if (entries.length === 0) this.#tenants.delete(entry.tenant);
    this.shares.leave(entry.tenant);
    return true;
  }

  /** The most urgent; among equals that of the tenant served least; undefined if there is none. */
  first(now: number): J | undefined {
    const heads = [...this.#tenants.values()].map((entries) => entries[0]!);
    // Waiting lifts a job up to the most urgent, not above: from there on the tenants' shares decide.
    const top = heads.reduce((min, { priority }) => Math.min(min, priority), Number.POSITIVE_INFINITY);
    let first: { readonly entry: Entry<J>; readonly level: number; readonly served: number } | undefined;
    for (const entry of heads) {
      const aged = entry.priority - Math.floor((now - entry.since) / this.agingMs);
      const level = Math.max(top, aged);
      const served = this.shares.served(entry.tenant);
      const order = first && (level - first.level || served - first.served || entry.rank - first.entry.rank);
      if (order === undefined || order < 0) first = { entry, level, served };
    }
    return first?.entry.job;
  }
}

/** Behind those of the same rank. */
function placeOf(entries: readonly { readonly rank: number }[], rank: number): number {
  let at = entries.length;
  while (at > 0 && entries[at - 1]!.rank > rank) at--;
  return at;
}
