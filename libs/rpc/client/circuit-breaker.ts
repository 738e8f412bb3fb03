// Keeps all generations of a process from trying an endpoint that just failed one of them. After the cool-down one
// caller may probe it; the others wait for that outcome.

const FORGET_AFTER_COOLDOWNS = 10;

export interface CircuitBreakerOptions {
  /** Cool-down after a first failure; doubles with each failed probe. Default 1000. */
  readonly cooldownMs?: number;
  /** Default 30,000. */
  readonly maxCooldownMs?: number;
  /** Monotonic milliseconds. */
  readonly now: () => number;
}

interface Trouble {
  failures: number;
  failedAt: number;
  retryAt: number;
}

export class CircuitBreaker {
  readonly #troubles = new Map<string, Trouble>();
  readonly #cooldownMs: number;
  readonly #maxCooldownMs: number;
  readonly #now: () => number;

  constructor({ cooldownMs = 1_000, maxCooldownMs = 30_000, now }: CircuitBreakerOptions) {
    this.#cooldownMs = cooldownMs;
    this.#maxCooldownMs = maxCooldownMs;
    this.#now = now;
  }

  /** Whether to try the endpoint now. A true after a failure is the one probe of this cool-down. */
  admits(endpoint: string): boolean {
    const trouble = this.#troubles.get(endpoint);
    if (trouble === undefined) return true;
    if (this.#now() < trouble.retryAt) return false;
    trouble.retryAt = this.#now() + this.#cooldownOf(trouble);
    return true;
  }

  /** @param since when the attempt began. Attempts from before the last failure died with it: they count once. */
  failed(endpoint: string, since: number): void {
    const now = this.#now();
    const trouble = this.#troubles.get(endpoint) ?? {
      failures: 0,
      failedAt: Number.NEGATIVE_INFINITY,
      retryAt: 0,
    };
    if (since <= trouble.failedAt) return;
    this.#forgetOld(now);
    this.#troubles.set(endpoint, trouble);
    trouble.failures++;
    trouble.failedAt = now;
    trouble.retryAt = now + this.#cooldownOf(trouble);
  }

  succeeded(endpoint: string): void {
    if (this.#troubles.size > 0) this.#troubles.delete(endpoint);
  }

  // Endpoints of pods that are gone would stay for ever.
  #forgetOld(now: number): void {
    for (const [endpoint, { failedAt }] of this.#troubles)
      if (now - failedAt > FORGET_AFTER_COOLDOWNS * this.#maxCooldownMs) this.#troubles.delete(endpoint);
  }

  #cooldownOf({ failures }: Trouble): number {
    return Math.min(this.#cooldownMs * 2 ** (failures - 1), this.#maxCooldownMs);
  }
}
