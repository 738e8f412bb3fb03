// The requests that are waiting or being answered now, so that a shutdown can wait for them, then cut them off.
// Each has a controller of its own: composed signals (AbortSignal.any) would pile up on a signal that lives as long
// as the process.
import { setMaxListeners } from 'node:events';
import { AppError } from '#libs/errors/index.js';
import type { Admission } from '../limits/admission.js';
import type { VisitDemand } from '../limits/visit.js';
import type { Caller } from './caller.js';
import { RequestGroup, type RunningRequest } from './request-group.js';

const ONE: VisitDemand = { choices: 1, numRequests: 1, priority: 0 };

export interface Places {
  /** Of all requests together: they get their places at once, and give them back when the last has ended. */
  readonly demand: VisitDemand;
  /** False: nothing is generated for them here, unless they ask for places later. Default true. */
  readonly areNeeded?: boolean;
  /** Called once all have ended, or at once if they are turned away. */
  readonly onOver?: (() => void) | undefined;
}

export class RunningRequests {
  readonly #running = new Set<AbortController>();
  #draining = false;
  #emptied: (() => void) | undefined;

  /** @param admission asked before a request enters; undefined lets all in. */
  constructor(private readonly admission?: Pick<Admission, 'arrive' | 'standing'>) {}

  get draining(): boolean {
    return this.#draining;
  }

  /** One request; see `enterAll`. */
  enter(caller: Caller, demand = ONE): RunningRequest {
    return this.enterAll(caller, 1, { demand }).requests[0]!;
  }

  /**
   * Throws `unavailable` once the process shuts down, and what the admission throws.
   */
  enterAll(
    caller: Caller,
    numRequests: number,
    { demand, areNeeded = true, onOver = () => {} }: Places,
  ): RequestGroup {
    const tellStanding = () => {
      const standing = this.admission?.standing(caller.tenant);
      if (standing !== undefined) caller.onStanding?.(standing);
    };
    let visit: ReturnType<Admission['arrive']> | undefined;
    try {
      if (this.#draining)
        throw new AppError('unavailable', 'This gateway is shutting down; please try again.', {
          retryAfterSeconds: 1,
        });
      if (areNeeded) visit = this.admission?.arrive(caller.tenant, demand);
    } catch (refusal) {
      onOver();
      throw refusal;
    } finally {
      tellStanding();
    }
    const controllers = Array.from({ length: numRequests }, () => new AbortController());
    for (const controller of controllers) {
      // Each choice of the request listens.
      setMaxListeners(0, controller.signal);
      this.#running.add(controller);
    }
    const onLeave = (controller: AbortController) => {
      this.#running.delete(controller);
      if (this.#running.size === 0) this.#emptied?.();
    };
    return new RequestGroup({
      caller,
      controllers,
      visit,
      arrive: this.admission && ((late) => this.admission!.arrive(caller.tenant, late)),
      timeoutMs: demand.timeoutMs,
      tellStanding,
      onLeave,
      onOver,
    });
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

  #abortAll(): void {
    const reason = new AppError('unavailable', 'This gateway shut down before the answer was complete.', {
      retryAfterSeconds: 1,
    });
    for (const controller of this.#running) controller.abort(reason);
  }
}
