// The end of a server: let running calls finish up to a deadline, fail the rest, flush, close. Happens once.
import type { Server } from '@grpc/grpc-js';
import type { CallScope } from './call-scope.js';
import type { EndlessCalls } from './endless-calls.js';

/** How long the last trailers may take to reach clients before connections are cut. */
const FLUSH_MS = 500;

export class Shutdown {
  #done: Promise<number> | undefined;
  #hurry: () => void = () => {};

  constructor(
    private readonly server: Server,
    private readonly scope: CallScope,
    private readonly endless: EndlessCalls,
  ) {}

  get started(): boolean {
    return this.#done !== undefined;
  }

  /** Resolves with the number of calls that had to be failed. */
  drain(deadlineMs: number): Promise<number> {
    this.#done ??= this.#run(deadlineMs);
    return this.#done;
  }

  /** Like `drain(0)`, and cuts short a drain in progress. */
  async now(): Promise<void> {
    const done = this.drain(0);
    this.#hurry();
    await done;
  }

  async #run(deadlineMs: number): Promise<number> {
    const idle = this.scope.drain();
    if (this.scope.size > 0) await this.#waitFor(idle, deadlineMs);
    const failed = this.scope.failAll();
    this.endless.end();
    await this.#close();
    return failed;
  }

  async #waitFor(idle: Promise<void>, deadlineMs: number): Promise<void> {
    let timer: NodeJS.Timeout | undefined;
    const late = new Promise<void>((resolve) => {
      timer = setTimeout(resolve, deadlineMs);
      this.#hurry = resolve;
    });
    await Promise.race([idle, late]);
    clearTimeout(timer);
  }

  #close(): Promise<void> {
    return new Promise((resolve) => {
      const timer = setTimeout(() => {
        this.server.forceShutdown();
        resolve();
      }, FLUSH_MS);
      this.server.tryShutdown(() => {
        clearTimeout(timer);
        resolve();
      });
    });
  }
}
