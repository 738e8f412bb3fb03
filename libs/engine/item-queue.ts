// Items that arrive on their own and are read one by one: the main-thread end of a worker's call. The sender has credit
// for so many items at first and gets more as they are read, so that no more than these ever lie here unread.

/** Items of one call that may be under way or unread. */
export const WINDOW = 16;

export class ItemQueue<Item> {
  private readonly items: Item[] = [];
  private outcome: { readonly error?: unknown } | undefined;
  private wake: (() => void) | undefined;
  private ungranted = 0;

  /** @param grant lets the sender send so many items more. */
  constructor(private readonly grant: (numItems: number) => void) {}

  /** Items not yet read. */
  get length(): number {
    return this.items.length;
  }

  push(item: Item): void {
    this.items.push(item);
    this.wake?.();
  }

  end(): void {
    this.outcome ??= {};
    this.wake?.();
  }

  /** Items not yet read are dropped: whoever reads learns of the failure at once. */
  fail(error: unknown): void {
    if (this.outcome !== undefined) return;
    this.outcome = { error };
    this.items.length = 0;
    this.wake?.();
  }

  async *read(): AsyncGenerator<Item> {
    for (;;) {
      if (this.items.length > 0) {
        const item = this.items.shift()!;
        yield item;
        this.taken();
      } else if (this.outcome === undefined) await new Promise<void>((resolve) => (this.wake = resolve));
      else if ('error' in this.outcome) throw this.outcome.error;
      else return;
    }
  }

  /** Half a window at a time: a message to the worker for each item would cost as much as the item. */
  private taken(): void {
    if (++this.ungranted < WINDOW / 2 || this.outcome !== undefined) return;
    this.grant(this.ungranted);
    this.ungranted = 0;
  }
}
