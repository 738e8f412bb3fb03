// The requests being answered now, so that a shutdown can wait for them, then cut them off.
// Each has a controller of its own: composed signals (AbortSignal.any) would pile up on a signal that lives as long
// as the process.
import { setMaxListeners } from 'node:events';
import { AppError } from '#libs/errors/index.js';
import type { RequestLimits } from '../limits/request-limits.js';
import type { Caller } from './caller.js';

export interface RunningRequest {
  /** Whose it is, for the log. */
  readonly tenant: string;
  /** Aborts when the caller leaves or the process gives up waiting. */
  readonly signal: AbortSignal;
  /** Ends what still runs in the request's name. */
  leave(): void;
}

export class RunningRequests {
  readonly #running = new Set<AbortController>();
  #draining = false;
  #emptied: (() => void) | undefined;

  /** @param limits asked before a request enters; undefined lets all in. */
  constructor(private readonly limits?: Pick<RequestLimits, 'admit' | 'standing'>) {}

  get draining(): boolean {
    return this.#draining;
  }

  /** Throws `unavailable` once the process shuts down, and what the limits throw. */
  enter(caller: Caller): RunningRequest {
    if (this.#draining)
      throw new AppError('unavailable', 'This gateway is shutting down; please try again.', {
        retryAfterSeconds: 1,
      });
    const release = this.#admit(caller);
    const { signal, tenant } = caller;
    const controller = new AbortController();
    // Each choice of the request listens.
    setMaxListeners(0, controller.signal);
    const onAbort = () => controller.abort(signal.reason);
    if (signal.aborted) onAbort();
    else signal.addEventListener('abort', onAbort, { once: true });
    this.#running.add(controller);
    const leave = () => {
      signal.removeEventListener('abort', onAbort);
      release?.();
      this.#running.delete(controller);
      controller.abort(new AppError('cancelled', 'The request is over.'));
      if (this.#running.size === 0) this.#emptied?.();
    };
    return { tenant, signal: controller.signal, leave };
  }

  /**
   * Takes no new requests; resolves when the running ones have ended, or after `deadlineMs`, when it cuts them off. Those
   * whose clients don't read are over only when their connections are closed.
   */
  async drain(deadlineMs: number): Promise<void> {
    this.#draining = true;
    if (this.#running.size === 0) return;
    await new Promise<void>((resolve) => {
      const timer = setTimeout(() => {
        this.#abortAll();
        resolve();
      }, deadlineMs);
      this.#emptied = () => {
        clearTimeout(timer);
        resolve();
      };
    });
  }

  #admit({ tenant, onStanding }: Caller): (() => void) | undefined {
    try {
      return this.limits?.admit(tenant);
    } finally {
      const standing = this.limits?.standing(tenant);
      if (standing !== undefined) onStanding?.(standing);
    }
  }

  #abortAll(): void {
    const reason = new AppError('unavailable', 'This gateway shut down before the answer was complete.', {
      retryAfterSeconds: 1,
    });
    for (const controller of this.#running) controller.abort(reason);
  }
}
