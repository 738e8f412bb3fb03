// Who asks: whose key it was, and whether it is still there.
import type { JournalStanding } from '#libs/session/index.js';
import type { RequestKey } from '../idempotency/request-key.js';
import type { Standing } from '../limits/tenant-limits.js';

export interface Caller {
  /** Name of an API key; keeps the sessions of one apart from those of another. */
  readonly tenant: string;
  /** Aborts when the caller leaves. */
  readonly signal: AbortSignal;
  /** Which request this is, if it may be a retry. */
  readonly key?: RequestKey | undefined;
  /** Told what was found under the key. */
  readonly onKey?: (standing: JournalStanding) => void;
  /** Told where the tenant stands with its limits when its request comes, and once it was admitted or refused. */
  readonly onStanding?: (standing: Standing) => void;
}
