// The calls of one server: admits new ones, or refuses them while draining, and knows when the last has ended.
import { AppError } from '#libs/errors/index.js';
import { RunningCall, type ServerCall } from './running-call.js';

export class CallScope {
  readonly #running = new Set<RunningCall>();
  readonly #onUnexpected: (error: unknown, method: string) => void;
  #draining = false;
  #onIdle: (() => void) | undefined;

  /** @param slowReaderMs how long a reader may take nothing before its call is ended. */
  constructor(
    onUnexpected: (error: unknown, method: string) => void,
    readonly slowReaderMs: number,
  ) {
    this.#onUnexpected = onUnexpected;
  }

  get size(): number {
    return this.#running.size;
  }

  /** Registers a call; undefined when it was refused, and answered, because the server is draining. */
  admit(call: ServerCall, method: string, sendError: (error: unknown) => void): RunningCall | undefined {
    if (this.#draining) {
      sendError(new AppError('draining', 'The server is shutting down; call another one.'));
      return undefined;
    }
    const report = (error: unknown) => {
      if (AppError.from(error).code === 'internal') this.#onUnexpected(error, method);
      sendError(error);
    };
    const running = new RunningCall(call, report, (ended) => this.#forget(ended));
    this.#running.add(running);
    return running;
  }

  /** Refuses new calls from now on; resolves when the running ones have ended. */
  drain(): Promise<void> {
    this.#draining = true;
    if (this.#running.size === 0) return Promise.resolve();
    return new Promise((resolve) => {
      this.#onIdle = resolve;
    });
  }

  /** Hands every running call over: it fails with `draining`. */
  failAll(): number {
    const running = [...this.#running];
    for (const call of running) call.fail(new AppError('draining', 'The server was shut down.'));
    return running.length;
  }

  #forget(call: RunningCall): void {
    this.#running.delete(call);
    if (this.#running.size === 0) this.#onIdle?.();
  }
}
