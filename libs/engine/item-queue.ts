// Items that arrive on their own and are read one by one: the main-thread end of a worker's call.

export class ItemQueue<Item> {
  private readonly items: Item[] = [];
  private outcome: { readonly error?: unknown } | undefined;
  private wake: (() => void) | undefined;

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
      if (this.items.length > 0) yield this.items.shift()!;
      else if (this.outcome === undefined) await new Promise<void>((resolve) => (this.wake = resolve));
      else if ('error' in this.outcome) throw this.outcome.error;
      else return;
    }
  }
}
