// The requests of one answer: one a prompt. They come, wait and are cut off together; each ends by itself.
import { AppError } from '#libs/errors/index.js';
import type { Visit, VisitDemand } from '../limits/visit.js';
import type { Caller } from './caller.js';

export interface RunningRequest {
  /** Whose it is, for the log. */
  readonly tenant: string;
  /** Aborts when the caller leaves, at the request's deadline, and when the process gives up waiting. */
  readonly signal: AbortSignal;
  /** Milliseconds until the deadline; undefined without one. */
  timeLeftMs(): number | undefined;
  /** Ends what still runs in the request's name. */
  leave(): void;
}

interface GroupParts {
  readonly caller: Caller;
  /** One a request. */
  readonly controllers: readonly AbortController[];
  /** Asks for places; undefined where nobody keeps them. */
  readonly arrive: ((demand: VisitDemand) => Visit) | undefined;
  /** Undefined: it needs no places, for now. */
  readonly visit: Visit | undefined;
  readonly timeoutMs: number | undefined;
  readonly tellStanding: () => void;
  readonly onLeave: (controller: AbortController) => void;
  /** All of them have ended. */
  readonly onOver: () => void;
}

export class RequestGroup {
  readonly requests: readonly RunningRequest[];
  readonly #open: Set<AbortController>;
  readonly #deadline: number | undefined;
  #timer: NodeJS.Timeout | undefined;
  #visit: Visit | undefined;
  #isAdmitted = false;

  constructor(private readonly parts: GroupParts) {
    const { caller, controllers, timeoutMs } = parts;
    this.#visit = parts.visit;
    this.#open = new Set(controllers);
    if (timeoutMs !== undefined) {
      this.#deadline = performance.now() + timeoutMs;
      this.#timer = setTimeout(() => this.#late(timeoutMs), timeoutMs);
    }
    if (caller.signal.aborted) this.#onCallerGone();
    else caller.signal.addEventListener('abort', this.#onCallerGone, { once: true });
    this.requests = controllers.map((controller) => ({
      tenant: caller.tenant,
      signal: controller.signal,
      timeLeftMs: () => this.#deadline && Math.max(0, this.#deadline - performance.now()),
      leave: () => this.#leave(controller),
    }));
  }

  /**
   * Resolves with the milliseconds that they waited for their places.
   * @param tokens Prompts and most that may be generated, of all choices.
   */
  async admitted(tokens: number): Promise<number> {
    const { controllers, tellStanding } = this.parts;
    const { signal } = controllers[0]!;
    try {
      return (await this.#visit?.admitted(tokens, signal)) ?? 0;
    } finally {
      this.#isAdmitted = true;
      tellStanding();
    }
  }

  /** For requests that came without needing places and now do. Errors: those of arriving, and of `admitted`. */
  async admittedLate(demand: VisitDemand, tokens: number): Promise<number> {
    this.#visit = this.parts.arrive?.(demand);
    try {
      return await this.admitted(tokens);
    } catch (error) {
      this.#visit?.leave();
      throw error;
    }
  }

  leave(): void {
    for (const controller of this.#open) this.#leave(controller);
  }

  #leave(controller: AbortController): void {
    const { caller, onLeave, onOver } = this.parts;
    if (this.#open.delete(controller) && this.#open.size === 0) {
      caller.signal.removeEventListener('abort', this.#onCallerGone);
      clearTimeout(this.#timer);
      this.#visit?.leave();
      onOver();
    }
    onLeave(controller);
    controller.abort(new AppError('cancelled', 'The request is over.'));
  }

  readonly #onCallerGone = () => this.#abort(this.parts.caller.signal.reason);

  #abort(reason: unknown): void {
    for (const controller of this.#open) controller.abort(reason);
  }

  #late(timeoutMs: number): void {
    if (!this.#isAdmitted) this.#visit?.late();
    const when = this.#isAdmitted ? 'before the answer was complete' : 'while it waited for its turn';
    const message = `The request's timeout of ${timeoutMs / 1000} s passed ${when}.`;
    this.#abort(new AppError('deadline_exceeded', message, { field: 'timeout' }));
  }
}
