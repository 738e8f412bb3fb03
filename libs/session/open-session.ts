// Picks the implementations: Redis if there is a URL, else this process.
import type { DegradedListener } from './degradation.js';
import { MemorySessionStore } from './memory-session-store.js';
import { RedisRegistry, type RedisRegistryOptions } from './redis-registry.js';
import { RedisSessionStore } from './redis-session-store.js';
import type { Registry, Role, WorkerRecord } from './registry.js';
import { SessionRouter } from './router.js';
import type { SessionStore } from './session-store.js';
import { StaticRegistry } from './static-registry.js';

export interface SessionOptions {
  /** redis://host:port; without it everything lives in this process. */
  readonly redisUrl?: string;
  /** Workers named in the configuration; left aside when there is a `redisUrl`: the registry alone is believed then. */
  readonly workers?: readonly WorkerRecord[];
  /** How long a pin outlives the session's last request. Default ten minutes. */
  readonly leaseMs?: number;
  readonly redis?: Pick<
    RedisRegistryOptions,
    | 'namespace'
    | 'ttlMs'
    | 'heartbeatMs'
    | 'refreshMs'
    | 'readsStatus'
    | 'commandTimeoutMs'
    | 'connectTimeoutMs'
    | 'tls'
  >;
  /** Monotonic milliseconds. */
  readonly now: () => number;
  /** Wall-clock milliseconds at the start; default now. Without Redis it orders fencing generations across restarts. */
  readonly startedAtMs?: number;
  /** Told once each time a part is lost or comes back: for a log line and a gauge. */
  readonly onDegraded?: DegradedListener;
  /** Told once of an entry in Redis that is no worker record. */
  readonly onMalformed?: (role: Role, id: string) => void;
}

export interface Session {
  readonly registry: Registry;
  readonly store: SessionStore;
  readonly router: SessionRouter;
  /** Removes our registrations and closes every connection. */
  close(): Promise<void>;
}

const DEFAULT_LEASE_MS = 10 * 60 * 1000;

/** Errors: `invalid_argument` (URL, namespace, a configured worker). A Redis that is away is no error. */
export async function openSession(options: SessionOptions): Promise<Session> {
  const {
    redisUrl,
    workers = [],
    leaseMs = DEFAULT_LEASE_MS,
    redis,
    now,
    startedAtMs = Date.now(),
    onDegraded,
    onMalformed,
  } = options;
  const listeners = { ...(onDegraded && { onDegraded }), ...(onMalformed && { onMalformed }) };
  let registry: Registry;
  let store: SessionStore;
  if (redisUrl === undefined) {
    registry = new StaticRegistry(workers);
    store = new MemorySessionStore({ leaseMs, now, startGeneration: BigInt(startedAtMs) * 1000n });
  } else {
    [registry, store] = await Promise.all([
      RedisRegistry.open({ url: redisUrl, now, ...redis, ...listeners }),
      RedisSessionStore.open({ url: redisUrl, leaseMs, ...redis }),
    ]);
  }
  const router = new SessionRouter({ registry, store, now, ...listeners });
  const close = async () => {
    await Promise.all([registry.close(), store.close()]);
  };
  return { registry, store, router, close };
}
