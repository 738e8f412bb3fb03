// Which verifier and draft hold a session's KV caches. Pins are hints: wrong or missing ones cost speed, never correctness.

export interface Pin {
  readonly verifierId: string;
  /** Empty when no draft was alive. */
  readonly draftId: string;
  /**
   * Fencing generation, always positive: grows by one each time the session moves to another verifier, stays on
   * renewal. A pin made anew (lease expired, released, store emptied) starts above every earlier one.
   */
  readonly generation: bigint;
}

export interface ClaimRequest {
  /** Any string of 1 … MAX_SESSION_ID_LENGTH UTF-16 units; clients choose it. */
  readonly sessionId: string;
  /**
   * What to pin if there is no live pin, or if the pinned worker is not in the live lists. An empty verifierId makes
   * no new pin (only draining verifiers are left).
   */
  readonly candidate: { readonly verifierId: string; readonly draftId: string };
  readonly liveVerifierIds: readonly string[];
  readonly liveDraftIds: readonly string[];
}

export interface SessionStore {
  /**
   * Atomically returns the session's pin, extending its lease, or makes one from the candidate; null only if there
   * is no live pin and no candidate verifier. Errors: `invalid_argument` (session id), `unavailable` (store away).
   */
  claim(request: ClaimRequest): Promise<Pin | null>;
  /** Forgets the pin. Errors as `claim`. */
  release(sessionId: string): Promise<void>;
  close(): Promise<void>;
}
