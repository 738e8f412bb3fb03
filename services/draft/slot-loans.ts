// Lends the engine's slots to proposals that run side by side: a slot to one at a time, and no more slots than the byte
// budget holds. Who finds no room waits until another is done.
import { type Slot, type SlotRequest, type SlotTable, Waiters } from '#libs/engine/index.js';
import { AppError } from '#libs/errors/index.js';

/** Whoever a slot was lent to; compared, never called. */
export type Borrower = object;

export class SlotLoans {
  readonly #lent = new Set<Slot>();
  readonly #lastBorrower = new WeakMap<Slot, Borrower>();
  /** For the next return of a slot. */
  readonly #waiting = new Waiters();

  constructor(private readonly slots: SlotTable) {}

  /**
   * The slot, brought to the sequence's tokens (see SlotTable.acquire).
   * @throws AppError resource_exhausted if the sequence alone exceeds the byte budget; the signal's reason while it waits.
   */
  async take(request: SlotRequest, borrower: Borrower, signal: AbortSignal): Promise<Slot> {
    for (;;) {
      signal.throwIfAborted();
      const slot = this.#tryTake(request);
      if (slot !== undefined) {
        this.#lend(slot, borrower);
        return slot;
      }
      await this.#waiting.wait(signal);
    }
  }

  /** Lends a slot again, as its borrower has left it; false if it is somebody else's or no more. */
  retake(key: string, slot: Slot, borrower: Borrower): boolean {
    const isAsLeft = this.slots.get(key) === slot && this.#lastBorrower.get(slot) === borrower;
    if (!isAsLeft || this.#lent.has(slot)) return false;
    this.#lend(slot, borrower);
    return true;
  }

  giveBack(slot: Slot): void {
    slot.pins--;
    this.#lent.delete(slot);
    this.#waiting.wake();
  }

  #lend(slot: Slot, borrower: Borrower): void {
    slot.pins++;
    this.#lent.add(slot);
    this.#lastBorrower.set(slot, borrower);
  }

  /** Undefined: others must be done first. */
  #tryTake(request: SlotRequest): Slot | undefined {
    if ((this.slots.get(request.key)?.pins ?? 0) > 0) return undefined;
    try {
      return this.slots.acquire(request);
    } catch (error) {
      if (AppError.from(error).code !== 'resource_exhausted') throw error;
      // A slot that cannot grow must not fill the room that it waits for.
      this.slots.delete(request.key);
      if (this.#lent.size === 0) throw error;
      return undefined;
    }
  }
}
