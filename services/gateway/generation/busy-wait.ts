// Verifiers that are at their own limits: another one is asked, and when all are full, they again, until one has room or
// the request has waited as long as it may. That is nobody's failure, so it costs no attempt.
import { setTimeout as sleep } from 'node:timers/promises';
import { AppError } from '#libs/errors/index.js';
import type { Route } from '#libs/session/index.js';

const MAX_DELAY_MS = 1_000;

export interface BusyWaitOptions {
  /** Longest wait for a verifier with room. */
  readonly mostMs: number;
  /** Monotonic milliseconds. */
  readonly now: () => number;
}

export class BusyWait {
  readonly #full = new Set<string>();
  #since: number | undefined;

  constructor(private readonly options: BusyWaitOptions) {}

  /** Whether the verifier says when to come back: one whose caches could never hold the sequence does not. */
  static concerns({ code, retryAfterSeconds }: AppError): boolean {
    return code === 'resource_exhausted' && retryAfterSeconds !== undefined;
  }

  /** A verifier has taken it. */
  over(): void {
    this.#full.clear();
    this.#since = undefined;
  }

  /**
   * Where to ask next.
   * @param route finds a verifier other than these.
   * Errors: `unavailable` after the longest wait, and those of `route`.
   */
  async next(
    error: AppError,
    verifierId: string,
    route: (avoid: readonly string[]) => Promise<Route>,
    signal: AbortSignal,
  ): Promise<Route> {
    const { mostMs, now } = this.options;
    const retryAfterSeconds = error.retryAfterSeconds ?? 1;
    this.#since ??= now();
    this.#full.add(verifierId);
    try {
      return await route([...this.#full]);
    } catch (thrown) {
      if (AppError.from(thrown).code !== 'unavailable') throw thrown;
    }
    if (now() - this.#since >= mostMs)
      throw new AppError('unavailable', 'All verifiers are busy; please try again.', {
        cause: error,
        retryAfterSeconds,
      });
    this.#full.clear();
    await sleep(Math.min(retryAfterSeconds * 1000, MAX_DELAY_MS), undefined, { signal });
    return route([]);
  }
}
