// Who is alive: workers register themselves, gateways and verifiers look them up.

import type { WorkerStatus } from './worker-status.js';

export type Role = 'verifier' | 'draft';

export const ROLES: readonly Role[] = ['verifier', 'draft'];

export interface WorkerRecord {
  /** Unique for the life of a process, e.g. "verifier-<random>". */
  readonly id: string;
  readonly role: Role;
  /** host:port that others can dial. */
  readonly endpoint: string;
  readonly model: string;
  /** Draft and target must agree on it. */
  readonly vocabularyFingerprint: string;
  readonly draining: boolean;
  /** What it told last of itself; undefined: it told nothing, or nobody here wanted to know. */
  readonly status?: WorkerStatus | undefined;
}

/** A worker's own entry; it lives as long as its heartbeats. */
export interface Registration {
  /** Marks the worker as draining: it gets no new call, and its sessions move with their next one. Never throws. */
  drain(): Promise<void>;
  /** Removes the entry and stops the heartbeat. Never throws: an entry that can't be removed expires by itself. */
  close(): Promise<void>;
}

export interface Registry {
  /**
   * Throws `invalid_argument` if the record is malformed; a source that is away is retried, not reported here.
   * @param status asked at every heartbeat.
   */
  register(worker: WorkerRecord, status?: () => WorkerStatus): Promise<Registration>;
  /** Live workers of a role, as last known; sorted by id. Never throws: the last known answer outlives its source. */
  workers(role: Role): readonly WorkerRecord[];
  /** Resolves when membership has been read at least once; rejects with `cancelled` on abort or close. */
  ready(signal?: AbortSignal): Promise<void>;
  /** Closes what was registered here, then the source. */
  close(): Promise<void>;
}
