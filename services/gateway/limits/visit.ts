// One request at the gateway's door, from its arrival to its end. Its prompts are read before its size is known, so it
// arrives first and asks for its places then, all of them together: two halves of one request can't wait for each other.
import { AppError } from '#libs/errors/index.js';
import type { Job } from '#libs/scheduling/index.js';
import type { TenantLimits, TenantLimitsOptions } from './tenant-limits.js';

export interface VisitDemand {
  /** Answers to be generated. */
  readonly choices: number;
  /** Of the tenant's rate. */
  readonly numRequests: number;
  /** Lower goes first. */
  readonly priority: number;
  /** What the client waits for an answer; undefined: as long as it takes. */
  readonly timeoutMs?: number | undefined;
}

/** What a visit needs of the door that it stands at. */
export interface Door {
  readonly options: TenantLimitsOptions;
  readonly tenants: TenantLimits;
  /** It waits for its places. */
  enqueue(visit: Visit): void;
  /** It is over, or gives up. @param heldMs undefined: it never had its places. */
  leave(visit: Visit, heldMs: number | undefined): void;
  /** What to refuse it with for lack of room. */
  refused(message: string, retryAfterSeconds: number): AppError;
}

export class Visit implements Job {
  readonly claim: Job['claim'];
  readonly numSlots: number;
  numTokens = 1;
  #startedAt: number | undefined;
  #isOver = false;
  #tokensTaken = 0;
  /** Ends the wait for places. */
  #settle: ((failure?: unknown) => void) | undefined;

  constructor(
    private readonly door: Door,
    private readonly tenant: string,
    readonly demand: VisitDemand,
  ) {
    this.claim = { tenant, priority: demand.priority };
    this.numSlots = demand.choices;
  }

  /** All of one piece. */
  get numRows(): number {
    return this.numTokens;
  }

  /**
   * Resolves with the milliseconds that it waited for its places.
   * @param tokens Prompt and most that may be generated, of all choices.
   * Errors: `rate_limit_exceeded` (at once), `unavailable` after the longest wait, and the signal's reason.
   */
  async admitted(tokens: number, signal: AbortSignal): Promise<number> {
    signal.throwIfAborted();
    const { now } = this.door.options;
    this.door.tenants.takeTokens(this.tenant, tokens);
    this.numTokens = tokens;
    this.#tokensTaken = tokens;
    const since = now();
    await this.#places(signal);
    return (this.#startedAt ?? since) - since;
  }

  /** For the door: the places are its own. */
  begin(): void {
    this.#startedAt = this.door.options.now();
    this.#settle?.();
  }

  /** Its deadline has passed before it had its places. */
  late(): void {
    this.door.options.onRefused('deadline');
  }

  /** Gives everything back, once; a wait for places ends as cancelled. */
  leave(): void {
    if (this.#isOver) return;
    this.#isOver = true;
    const { now } = this.door.options;
    this.door.tenants.leave(this.tenant, this.demand.choices, this.#tokensTaken);
    this.door.leave(this, this.#startedAt === undefined ? undefined : now() - this.#startedAt);
    this.#settle?.(new AppError('cancelled', 'The request was given up while it waited.'));
  }

  #places(signal: AbortSignal): Promise<void> {
    const { settings } = this.door.options;
    const seconds = settings.maxQueueMs / 1000;
    const tooLong = `This gateway is overloaded: no place was free within ${seconds} s; please try again.`;
    return new Promise((resolve, reject) => {
      const onAbort = () => this.#settle?.(signal.reason);
      const onTooLong = () => this.#settle?.(this.door.refused(tooLong, Math.ceil(seconds)));
      const timer = setTimeout(onTooLong, settings.maxQueueMs);
      signal.addEventListener('abort', onAbort);
      this.#settle = (failure) => {
        this.#settle = undefined;
        clearTimeout(timer);
        signal.removeEventListener('abort', onAbort);
        if (failure === undefined) return resolve();
        this.leave();
        reject(failure);
      };
      this.door.enqueue(this);
    });
  }
}
