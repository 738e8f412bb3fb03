// A slot is used by one job at a time, and pinned meanwhile: jobs of many sessions share a forward, so a slot must neither
// be evicted for another sequence nor brought to other tokens while its job waits.
import { isAwaitingPrefix } from './awaited-prefix.js';
import { SlotsPinnedError } from './kv-memory.js';
import { SerialQueue } from './serial-queue.js';
import type { Slot } from './slot.js';
import type { SlotRequest, SlotTable } from './slots.js';
import { Waiters } from './waiters.js';

/** Whoever uses slots; compared, never called. */
export type SlotUser = object;

/** A slot as its user has left it. */
export interface LeftSlot {
  readonly key: string;
  readonly slot: Slot;
  readonly user: SlotUser;
}

export class SlotUse {
  /** Whose turn it is, for each key in use. */
  private readonly turns = new Map<string, { readonly queue: SerialQueue; users: number }>();
  private readonly inUse = new Set<Slot>();
  private readonly lastUsers = new WeakMap<Slot, SlotUser>();
  /** Jobs that wait until there is room for their slot, or for rows that another job is computing. */
  private readonly waiting = new Waiters();

  constructor(private readonly slots: Pick<SlotTable, 'acquire' | 'get'>) {}

  /**
   * Runs the job with the sequence's slot, after all earlier jobs of the same key, and as soon as there is room for it.
   * @param user Who may `resume` afterwards.
   * @throws what SlotTable.acquire and the job throw; the signal's reason if it aborts before the job starts.
   */
  run<Result>(
    request: SlotRequest,
    job: (slot: Slot) => Promise<Result>,
    signal: AbortSignal,
    user: SlotUser = job,
  ): Promise<Result> {
    const use = async () => this.use(await this.pinned(request, user, signal), job);
    return this.inTurn(request.key, use, signal);
  }

  /**
   * Runs a job with a slot as its user has left it. Undefined, without a wait for others: it has gone to somebody else, is
   * about to, or is no more.
   */
  async resume<Result>(
    { key, slot, user }: LeftSlot,
    job: (slot: Slot) => Promise<Result>,
    signal: AbortSignal,
  ): Promise<Result | undefined> {
    if (this.turns.has(key)) return undefined;
    const use = async () => {
      const isAsLeft = this.slots.get(key) === slot && this.lastUsers.get(slot) === user;
      if (!isAsLeft) return undefined;
      this.pin(slot, user);
      return this.use(slot, job);
    };
    return this.inTurn(key, use, signal);
  }

  private async inTurn<Result>(
    key: string,
    job: () => Promise<Result>,
    signal: AbortSignal,
  ): Promise<Result> {
    const turn = this.turns.get(key) ?? { queue: new SerialQueue(), users: 0 };
    this.turns.set(key, turn);
    turn.users++;
    try {
      return await turn.queue.run(job, signal);
    } finally {
      turn.users--;
      if (turn.users === 0) this.turns.delete(key);
    }
  }

  private async use<Result>(slot: Slot, job: (slot: Slot) => Promise<Result>): Promise<Result> {
    try {
      return await job(slot);
    } finally {
      slot.pins--;
      this.inUse.delete(slot);
      this.waiting.wake();
    }
  }

  private async pinned(request: SlotRequest, user: SlotUser, signal: AbortSignal): Promise<Slot> {
    for (;;) {
      // Brought to other tokens from now on, even if there turns out to be no room.
      const held = this.slots.get(request.key);
      if (held !== undefined) this.lastUsers.delete(held);
      try {
        const slot = this.slots.acquire(request);
        if (!isAwaitingPrefix(slot, this.inUse)) {
          this.pin(slot, user);
          return slot;
        }
      } catch (error) {
        if (!(error instanceof SlotsPinnedError)) throw error;
      }
      signal.throwIfAborted();
      await this.waiting.wait(signal);
    }
  }

  private pin(slot: Slot, user: SlotUser): void {
    slot.pins++;
    this.inUse.add(slot);
    this.lastUsers.set(slot, user);
  }
}
