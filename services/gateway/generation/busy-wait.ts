// Verifiers that have no room, or hand over what they have because they leave: another one is asked, and when there is
// none, all again, until one takes it or the request has waited as long as it may. Nobody has failed, so it costs no attempt.
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
    return code === 'draining' || (code === 'resource_exhausted' && retryAfterSeconds !== undefined);
  }

  /** A verifier has taken it. */
  over(): void {
    this.#full.clear();
    this.#since = undefined;
  }

  /**
   * Where to ask next: at once, if there is another one.
   * @param route finds a verifier other than these.
   * Errors: `unavailable` after the longest wait, and those of `route` that waiting doesn't mend.
   */
  async next(
    error: AppError,
    verifierId: string,
    route: (avoid: readonly string[]) => Promise<Route>,
    signal: AbortSignal,
  ): Promise<Route> {
    const { mostMs, now } = this.options;
    const retryAfterSeconds = error.retryAfterSeconds ?? 1;
    const since = this.#since ?? now();
    this.#since = since;
    this.#full.add(verifierId);
    for (;;) {
      try {
        return await route([...this.#full]);
      } catch (thrown) {
        if (AppError.from(thrown).code !== 'unavailable') throw thrown;
      }
      if (now() - since >= mostMs) throw nobody(error, retryAfterSeconds);
      await sleep(Math.min(retryAfterSeconds * 1000, MAX_DELAY_MS), undefined, { signal });
      this.#full.clear();
    }
  }
}

function nobody(cause: AppError, retryAfterSeconds: number): AppError {
  const message =
    cause.code === 'draining'
      ? 'The verifiers are shutting down, and no other one has come; please try again.'
      : 'All verifiers are busy; please try again.';
  return new AppError('unavailable', message, { cause, retryAfterSeconds });
}
