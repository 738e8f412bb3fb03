// Every key and channel in Redis. The part in braces decides the Cluster slot: all of the registry shares one slot
// (it is small and read together), each session has its own (they are many and independent).
import { AppError } from '#libs/errors/index.js';
import type { Role } from './registry.js';
import { hashSessionId } from './session-id.js';

export class RedisKeys {
  readonly #registry: string;

  /** `namespace` lets several deployments share one Redis. */
  constructor(private readonly namespace = 'outrider') {
    if (!/^[a-z0-9-]{1,32}$/.test(namespace))
      throw new AppError('invalid_argument', 'namespace: must be 1 to 32 of a-z 0-9 -.', {
        field: 'namespace',
      });
    this.#registry = `${namespace}:{workers}`;
  }

  /** String, random: a changed or missing value says that Redis lost its data since it was last read. */
  get epoch(): string {
    return `${this.#registry}:epoch`;
  }

  /** Set of worker ids. May hold ids whose entry has expired. */
  ids(role: Role): string {
    return `${this.#registry}:${role}`;
  }

  /** String with TTL: a WorkerRecord in JSON. */
  worker(role: Role, id: string): string {
    return `${this.#registry}:${role}:${id}`;
  }

  /** Channel: "membership changed, read it again"; the message is empty. */
  get changes(): string {
    return `${this.#registry}:changes`;
  }

  /** Hash with TTL: verifier, draft, generation. */
  pin(sessionId: string): string {
    return `${this.namespace}:pin:{${hashSessionId(sessionId)}}`;
  }

  /** Hash, lease and stream of what a request with an idempotency key has generated. @param key hex digits */
  journal(key: string): [journal: string, lease: string, entries: string] {
    const journal = `${this.namespace}:journal:{${key}}`;
    return [journal, `${journal}:lease`, `${journal}:entries`];
  }
}
