// A slot is used by one job at a time, and pinned meanwhile: jobs of many sessions share a forward, so a slot must neither
// be evicted for another sequence nor brought to other tokens while its job waits.
import { isAwaitingPrefix } from './awaited-prefix.js';
import { SlotsPinnedError } from './kv-memory.js';
import { SerialQueue } from './serial-queue.js';
import type { Slot } from './slot.js';
import type { SlotRequest, SlotTable } from './slots.js';
import { Waiters } from './waiters.js';

export class SlotUse {
  /** Whose turn it is, for each key in use. */
  private readonly turns = new Map<string, { readonly queue: SerialQueue; users: number }>();
  private readonly inUse = new Set<Slot>();
  /** Jobs that wait until there is room for their slot, or for rows that another job is computing. */
  private readonly waiting = new Waiters();

  constructor(private readonly slots: Pick<SlotTable, 'acquire'>) {}

  /**
   * Runs the job with the sequence's slot, after all earlier jobs of the same key, and as soon as there is room for it.
   * @throws what SlotTable.acquire and the job throw; the signal's reason if it aborts before the job starts.
   */
  async run<Result>(
    request: SlotRequest,
    job: (slot: Slot) => Promise<Result>,
    signal: AbortSignal,
  ): Promise<Result> {
    const { key } = request;
    const turn = this.turns.get(key) ?? { queue: new SerialQueue(), users: 0 };
    this.turns.set(key, turn);
    turn.users++;
    try {
      return await turn.queue.run(() => this.use(request, job, signal), signal);
    } finally {
      turn.users--;
      if (turn.users === 0) this.turns.delete(key);
    }
  }

  private async use<Result>(
    request: SlotRequest,
    job: (slot: Slot) => Promise<Result>,
    signal: AbortSignal,
  ): Promise<Result> {
    const slot = await this.pinned(request, signal);
    try {
      return await job(slot);
    } finally {
      slot.pins--;
      this.inUse.delete(slot);
      this.waiting.wake();
    }
  }

  private async pinned(request: SlotRequest, signal: AbortSignal): Promise<Slot> {
    for (;;) {
      try {
        const slot = this.slots.acquire(request);
        if (!isAwaitingPrefix(slot, this.inUse)) {
          slot.pins++;
          this.inUse.add(slot);
          return slot;
        }
      } catch (error) {
        if (!(error instanceof SlotsPinnedError)) throw error;
      }
      signal.throwIfAborted();
      await this.waiting.wait(signal);
    }
  }
}
