// Pins in this process: the default when one gateway serves alone. Same contract as RedisSessionStore.
import { assertSessionId } from './session-id.js';
import type { ClaimRequest, Pin, SessionStore } from './session-store.js';

export interface MemorySessionStoreOptions {
  readonly leaseMs: number;
  /** Monotonic milliseconds. */
  readonly now: () => number;
  /** Clients choose session ids, so their number is capped: the pin claimed longest ago goes. Default 100,000. */
  readonly maxSessions?: number;
  /** Generations are above it. Give the wall clock's microseconds, so that a restart goes on upwards. Default 0. */
  readonly startGeneration?: bigint;
}

interface Lease {
  readonly pin: Pin;
  readonly expiresAt: number;
}

export class MemorySessionStore implements SessionStore {
  /** Each claim moves its entry to the end and all leases are equally long, so the first entry expires first. */
  readonly #leases = new Map<string, Lease>();
  readonly #options: Required<MemorySessionStoreOptions>;
  /** Starts above every generation of an earlier process: verifiers outlive gateways and remember theirs. */
  #highestGeneration: bigint;

  constructor(options: MemorySessionStoreOptions) {
    this.#options = { maxSessions: 100_000, startGeneration: 0n, ...options };
    this.#highestGeneration = this.#options.startGeneration;
  }

  async claim(request: ClaimRequest): Promise<Pin | null> {
    assertSessionId(request.sessionId);
    this.#dropExpired();
    const pin = this.#choose(this.#leases.get(request.sessionId)?.pin, request);
    if (pin === null) return null;
    this.#leases.delete(request.sessionId);
    this.#leases.set(request.sessionId, { pin, expiresAt: this.#options.now() + this.#options.leaseMs });
    if (this.#leases.size > this.#options.maxSessions) this.#leases.delete(this.#leases.keys().next().value!);
    return pin;
  }

  async release(sessionId: string): Promise<void> {
    assertSessionId(sessionId);
    this.#leases.delete(sessionId);
  }

  async close(): Promise<void> {
    this.#leases.clear();
  }

  #choose(pin: Pin | undefined, { candidate, liveVerifierIds, liveDraftIds }: ClaimRequest): Pin | null {
    if (pin !== undefined && liveVerifierIds.includes(pin.verifierId)) {
      return liveDraftIds.includes(pin.draftId) ? pin : { ...pin, draftId: candidate.draftId };
    }
    if (candidate.verifierId === '') return null;
    const generation = (pin?.generation ?? this.#highestGeneration) + 1n;
    if (generation > this.#highestGeneration) this.#highestGeneration = generation;
    return { ...candidate, generation };
  }

  #dropExpired(): void {
    const now = this.#options.now();
    for (const [sessionId, lease] of this.#leases) {
      if (lease.expiresAt > now) return;
      this.#leases.delete(sessionId);
    }
  }
}
