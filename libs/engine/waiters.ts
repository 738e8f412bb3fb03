// Those who wait until something of a shared resource is given back: all are woken, and each looks again for itself.

export class Waiters {
  #wakes: (() => void)[] = [];

  /** Resolves at the next `wake`. Rejects with the signal's reason if it aborts before. */
  wait(signal: AbortSignal): Promise<void> {
    return new Promise((resolve, reject) => {
      const onAbort = () => {
        this.#wakes = this.#wakes.filter((each) => each !== wake);
        reject(signal.reason);
      };
      const wake = () => {
        signal.removeEventListener('abort', onAbort);
        resolve();
      };
      signal.addEventListener('abort', onAbort, { once: true });
      this.#wakes.push(wake);
    });
  }

  wake(): void {
    const woken = this.#wakes;
    this.#wakes = [];
    for (const wake of woken) wake();
  }
}
