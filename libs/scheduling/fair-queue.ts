// Who goes next, when not all can: the more urgent first, tenants sharing evenly by tokens, rounds before prompts, and
// nobody left out. Pure bookkeeping; whoever owns the queue runs what is taken.
import type { Budget, Job, Share } from './job.js';
import { Line } from './line.js';
import { TenantShares } from './tenant-shares.js';

export interface FairQueueOptions {
  /** Monotonic milliseconds. */
  readonly now: () => number;
  /** Milliseconds of waiting that make up for one step of priority. */
  readonly agingMs: number;
  /** Part of the budget's tokens that is kept for prompts while some wait, 0 to 1. Default 0.25. */
  readonly promptShare?: number;
}

const PROMPT_SHARE = 0.25;
const NOTHING: Budget = { tokens: 0, slots: 0 };

/** What is being put together out of a budget. */
interface Taking<J extends Job> {
  readonly shares: Share<J>[];
  tokens: number;
  slots: number;
}

export class FairQueue<J extends Job> {
  readonly #shares = new TenantShares();
  readonly #rounds: Line<J>;
  readonly #prompts: Line<J>;
  /** A job that comes back with its rest has waited since it came first. */
  readonly #since = new WeakMap<J, number>();
  /** The last forward had nothing for the prompts that waited: they lead the next one. */
  #promptsMissed = false;

  constructor(private readonly options: FairQueueOptions) {
    this.#rounds = new Line(this.#shares, options.agingMs);
    this.#prompts = new Line(this.#shares, options.agingMs);
  }

  get size(): number {
    return this.#rounds.size + this.#prompts.size;
  }

  /** All that wait, in no particular order. */
  *jobs(): Generator<J> {
    yield* this.#rounds.jobs();
    yield* this.#prompts.jobs();
  }

  /** A new job, or one of which a share was taken, with the rest. */
  add(job: J): void {
    const since = this.#since.get(job) ?? this.options.now();
    this.#since.set(job, since);
    (job.numTokens > job.numRows ? this.#prompts : this.#rounds).add(job, since);
  }

  /** Of a job that is given up; false if it isn't waiting. */
  remove(job: J): boolean {
    return this.#rounds.remove(job) || this.#prompts.remove(job);
  }

  /**
   * Takes out what goes together within the budget: at least one job if any waits and its slots are there. A round that is
   * larger than the budget goes alone. What doesn't fit is waited for rather than overtaken: large jobs get their turn.
   */
  take(budget: Budget): Share<J>[] {
    const taking: Taking<J> = { ...budget, shares: [] };
    const reserved = this.#prompts.size > 0 ? this.#reserve(budget) : NOTHING;
    const promptsLead = this.#promptsMissed;
    if (promptsLead) this.#takePrompts(taking, reserved.tokens);
    this.#takeRounds(taking, promptsLead ? NOTHING : reserved);
    const numRounds = taking.shares.length;
    this.#takePrompts(taking, taking.tokens);
    this.#promptsMissed = !promptsLead && this.#prompts.size > 0 && taking.shares.length === numRounds;
    return taking.shares;
  }

  #reserve({ tokens, slots }: Budget): Budget {
    const { promptShare = PROMPT_SHARE } = this.options;
    return { tokens: Math.max(1, Math.ceil(tokens * promptShare)), slots: slots > 1 ? 1 : 0 };
  }

  #takeRounds(taking: Taking<J>, reserved: Budget): void {
    for (;;) {
      const job = this.#rounds.first(this.options.now());
      if (job === undefined) return;
      const { numTokens, numSlots = 1 } = job;
      if (numSlots > taking.slots - reserved.slots) return;
      if (numTokens > taking.tokens - reserved.tokens && taking.shares.length > 0) return;
      this.#take(this.#rounds, job, numTokens, taking);
    }
  }

  /** @param most Tokens for all of them. */
  #takePrompts(taking: Taking<J>, most: number): void {
    for (let rest = most; rest > 0; ) {
      const job = this.#prompts.first(this.options.now());
      if (job === undefined || (job.numSlots ?? 1) > taking.slots) return;
      const { numTokens: wanted, numRows } = job;
      const numTokens = wanted <= rest ? wanted : Math.min(wanted - numRows, rest);
      this.#take(this.#prompts, job, numTokens, taking);
      rest -= numTokens;
    }
  }

  #take(line: Line<J>, job: J, numTokens: number, taking: Taking<J>): void {
    // Charged while it still counts as waiting: a share that nobody waits for may be forgotten.
    this.#shares.charge(job.claim.tenant ?? '', numTokens);
    line.remove(job);
    taking.tokens -= numTokens;
    taking.slots -= job.numSlots ?? 1;
    taking.shares.push({ job, numTokens });
  }
}
