// How many requests may run at once, and begin in a minute: for each tenant and, at once, for all together. A tenant's
// limit is its own fault (429), the gateway's is not (503); both say when to come back. Tenants are the names of API
// keys, so what is kept here is bounded.
import { AppError } from '#libs/errors/index.js';
import { TokenBucket } from './token-bucket.js';

export interface RequestLimitSettings {
  /** Running at once, all tenants together; undefined: no limit. Likewise below. */
  readonly maxRequests: number | undefined;
  /** Running at once of one tenant. */
  readonly maxRequestsPerKey: number | undefined;
  /** Of one tenant; so many may come in one burst. */
  readonly requestsPerMinute: number | undefined;
}

export type LimitReason = 'tenant_limit' | 'rate_limit' | 'overloaded';

/** Where a tenant stands with the limit that is told to clients: the rate if there is one, else what may run at once. */
export interface Standing {
  readonly limit: number;
  readonly remaining: number;
  /** Until `remaining` is `limit` again; undefined when that depends on other requests. */
  readonly resetSeconds: number | undefined;
}

export interface RequestLimitsOptions {
  readonly settings: RequestLimitSettings;
  /** Monotonic milliseconds. */
  readonly now: () => number;
  readonly onRefused: (reason: LimitReason) => void;
}

interface Tenant {
  running: number;
  readonly bucket: TokenBucket | undefined;
}

/** Until a place is free nobody can say when; clients ask again after so long, and back off by themselves. */
const BUSY_RETRY_SECONDS = 1;

export class RequestLimits {
  readonly #tenants = new Map<string, Tenant>();
  #running = 0;

  constructor(private readonly options: RequestLimitsOptions) {}

  /**
   * Takes a place; the result gives it back, once. A refused request takes nothing.
   * Errors: `rate_limit_exceeded` (the tenant's limits), `unavailable` (the gateway's).
   */
  admit(name: string): () => void {
    const tenant = this.#tenant(name);
    this.#check(tenant);
    tenant.bucket?.take();
    tenant.running++;
    this.#running++;
    let released = false;
    return () => {
      if (released) return;
      released = true;
      tenant.running--;
      this.#running--;
    };
  }

  /** Undefined when no limit concerns a tenant. */
  standing(name: string): Standing | undefined {
    const { running, bucket } = this.#tenant(name);
    if (bucket !== undefined)
      return { limit: bucket.capacity, remaining: bucket.remaining, resetSeconds: bucket.secondsUntilFull };
    const { maxRequestsPerKey: limit } = this.options.settings;
    if (limit === undefined) return undefined;
    return { limit, remaining: limit - running, resetSeconds: undefined };
  }

  #check({ running, bucket }: Tenant): void {
    const { maxRequests, maxRequestsPerKey } = this.options.settings;
    if (maxRequestsPerKey !== undefined && running >= maxRequestsPerKey) {
      const message = `Rate limit reached: ${maxRequestsPerKey} of your requests are running; wait for one to end.`;
      throw this.#refusal('tenant_limit', message, BUSY_RETRY_SECONDS);
    }
    if (bucket !== undefined && bucket.remaining < 1) {
      const seconds = bucket.secondsUntilNext;
      const message = `Rate limit reached: ${bucket.capacity} requests a minute; try again in ${seconds} s.`;
      throw this.#refusal('rate_limit', message, seconds);
    }
    if (maxRequests !== undefined && this.#running >= maxRequests)
      throw this.#refusal('overloaded', 'This gateway is overloaded; please try again.', BUSY_RETRY_SECONDS);
  }

  #refusal(reason: LimitReason, message: string, retryAfterSeconds: number): AppError {
    this.options.onRefused(reason);
    const code = reason === 'overloaded' ? 'unavailable' : 'rate_limit_exceeded';
    return new AppError(code, message, { retryAfterSeconds });
  }

  #tenant(name: string): Tenant {
    let tenant = this.#tenants.get(name);
    if (tenant === undefined) {
      const { settings, now } = this.options;
      const perMinute = settings.requestsPerMinute;
      tenant = { running: 0, bucket: perMinute === undefined ? undefined : new TokenBucket(perMinute, now) };
      this.#tenants.set(name, tenant);
    }
    return tenant;
  }
}
