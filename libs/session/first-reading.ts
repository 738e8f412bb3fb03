// "Membership has been read at least once": a promise that can be waited for with a signal.
import { AppError } from '#libs/errors/index.js';

export class FirstReading {
  #settle: { resolve(): void; reject(error: AppError): void } = { resolve() {}, reject() {} };
  readonly #promise = new Promise<void>((resolve, reject) => {
    this.#settle = { resolve, reject };
  });

  constructor() {
    // Nobody need be waiting when the registry closes.
    this.#promise.catch(() => {});
  }

  done(): void {
    this.#settle.resolve();
  }

  closed(): void {
    this.#settle.reject(new AppError('cancelled', 'The registry was closed before it was read once.'));
  }

  /** Rejects with `cancelled` when the signal aborts or the registry closes first. */
  async wait(signal?: AbortSignal): Promise<void> {
    if (signal === undefined) return this.#promise;
    if (signal.aborted) throw AppError.from(signal.reason);
    let onAbort = () => {};
    const aborted = new Promise<never>((_, reject) => {
      onAbort = () => reject(AppError.from(signal.reason));
      signal.addEventListener('abort', onAbort, { once: true });
    });
    try {
      await Promise.race([this.#promise, aborted]);
    } finally {
      signal.removeEventListener('abort', onAbort);
    }
  }
}
