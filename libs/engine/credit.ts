// How many items a worker's call may still send: it waits while the reader has as many as it wants unread. Only that call
// waits; the thread goes on with the others.

export class Credit {
  private wake: (() => void) | undefined;

  constructor(private left: number) {}

  add(numItems: number): void {
    this.left += numItems;
    this.wake?.();
  }

  /** Takes one, at once if there is one. Throws the signal's reason once that aborts. */
  async take(signal: AbortSignal): Promise<void> {
    signal.throwIfAborted();
    if (this.left === 0) await this.more(signal);
    signal.throwIfAborted();
    this.left--;
  }

  private more(signal: AbortSignal): Promise<void> {
    return new Promise((resolve) => {
      const done = (): void => {
        this.wake = undefined;
        signal.removeEventListener('abort', done);
        resolve();
      };
      this.wake = done;
      signal.addEventListener('abort', done);
    });
  }
}
