// Which verifier and draft hold a session's KV caches. Pins are hints: wrong or missing ones cost speed, never correctness.

export interface Pin {
  readonly verifierId: string;
  /** Empty when no draft was alive. */
  readonly draftId: string;
  /** Fencing generation: grows by one each time the session moves to another verifier. */
  readonly generation: bigint;
}

export interface ClaimRequest {
  readonly sessionId: string;
  /** What to pin if there is no live pin, or if the pinned worker is not in the live lists. */
  readonly candidate: { readonly verifierId: string; readonly draftId: string };
  readonly liveVerifierIds: readonly string[];
  readonly liveDraftIds: readonly string[];
}

export interface SessionStore {
  /** Atomically returns the session's pin, extending its lease, or makes one from the candidate. */
  claim(request: ClaimRequest): Promise<Pin>;
  release(sessionId: string): Promise<void>;
  close(): Promise<void>;
}
