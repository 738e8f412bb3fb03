// The door of the gateway: who may generate now, who waits, who is turned away. A refusal comes at once, from what is known
// when a request comes: a tenant's limit is its own fault (429), a full house is not (503); both say when to come back.
// Who waits goes by priority, tenants sharing the places evenly.
import { AppError } from '#libs/errors/index.js';
import { FairQueue } from '#libs/scheduling/index.js';
import { checkPriority } from './key-priorities.js';
import { type Standing, TenantLimits, type TenantLimitsOptions } from './tenant-limits.js';
import { type Door, Visit, type VisitDemand } from './visit.js';
import { WaitForecast } from './wait-forecast.js';

export interface AdmissionOptions extends TenantLimitsOptions {
  /** Told how many choices wait now. */
  readonly onWaiting: (choices: number) => void;
}

/** What a step of priority is worth in waiting. */
const AGING_MS = 1_000;
const MAX_RETRY_SECONDS = 60;

export class Admission implements Door {
  readonly tenants: TenantLimits;
  readonly #queue: FairQueue<Visit>;
  readonly #forecast = new WaitForecast();
  #running = 0;
  /** Choices that have arrived and do not run: their prompts are being read, or they wait. */
  #waiting = 0;

  constructor(readonly options: AdmissionOptions) {
    this.tenants = new TenantLimits(options);
    this.#queue = new FairQueue({ now: options.now, agingMs: AGING_MS });
  }

  /**
   * To be asked before anything is done for a request. A refused one takes nothing.
   * Errors: `rate_limit_exceeded` (the tenant's limits), `unavailable` (the gateway's), `invalid_argument` for more than
   * could ever pass, and for a priority that isn't the tenant's to ask for.
   */
  arrive(tenant: string, demand: VisitDemand): Visit {
    const { choices, numRequests, priority } = demand;
    checkPriority(tenant, priority, this.options.settings.bestPriorities);
    this.tenants.checkChoices(tenant, choices, numRequests);
    this.#checkRoom(demand);
    this.tenants.enter(tenant, choices, numRequests);
    this.#count(choices);
    return new Visit(this, tenant, demand);
  }

  standing(tenant: string): Standing {
    return this.tenants.standing(tenant);
  }

  enqueue(visit: Visit): void {
    this.#queue.add(visit);
    this.#dispatch();
  }

  leave(visit: Visit, heldMs: number | undefined): void {
    const { choices } = visit.demand;
    this.#queue.remove(visit);
    if (heldMs === undefined) this.#count(-choices);
    else {
      this.#running -= choices;
      this.#forecast.observe(heldMs);
    }
    this.#dispatch();
  }

  refused(message: string, retryAfterSeconds: number): AppError {
    this.options.onRefused('overloaded');
    return new AppError('unavailable', message, { retryAfterSeconds });
  }

  #checkRoom({ choices, timeoutMs = Number.POSITIVE_INFINITY }: VisitDemand): void {
    const { maxRequests, maxQueue, maxQueueMs } = this.options.settings;
    if (maxRequests === undefined) return;
    if (choices > maxRequests)
      throw new AppError(
        'invalid_argument',
        `n: this gateway generates at most ${maxRequests} answers at once.`,
        {
          field: 'n',
        },
      );
    const ahead = this.#running + this.#waiting + choices - maxRequests;
    if (ahead <= 0) return;
    const waitMs = this.#forecast.waitMs(this.#waiting + choices, maxRequests);
    const tooLongMs = waitMs - Math.min(maxQueueMs, timeoutMs);
    if (ahead <= maxQueue && tooLongMs <= 0) return;
    const retryAfter = Math.ceil(Math.max(tooLongMs, this.#forecast.waitMs(1, maxRequests)) / 1000);
    const message = 'This gateway is overloaded; please try again.';
    throw this.refused(message, Math.min(Math.max(retryAfter, 1), MAX_RETRY_SECONDS));
  }

  #dispatch(): void {
    const { maxRequests = Number.POSITIVE_INFINITY } = this.options.settings;
    const slots = maxRequests - this.#running;
    for (const { job: visit } of this.#queue.take({ tokens: Number.POSITIVE_INFINITY, slots })) {
      this.#running += visit.demand.choices;
      this.#count(-visit.demand.choices);
      visit.begin();
    }
  }

  #count(choices: number): void {
    this.#waiting += choices;
    this.options.onWaiting(this.#waiting);
  }
}
