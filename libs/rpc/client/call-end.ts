// The client's end of a call. A cancelled call is an HTTP/2 reset, which servers ration; so a call that is over, or
// about to be, is not reset, and the connection counts the others.
import { status } from '@grpc/grpc-js';
import type { Connection } from './connection.js';

interface Call {
  cancel(): void;
  on(event: 'status', listener: (status: { readonly code: status }) => void): unknown;
  on(event: 'error', listener: (error: Error) => void): unknown;
}

export class CallEnd {
  #over = false;
  #timer: NodeJS.Timeout | undefined;

  constructor(
    private readonly call: Call,
    private readonly connection: Pick<Connection, 'begin' | 'end' | 'countReset'>,
  ) {
    connection.begin();
    call.on('status', ({ code }) => {
      // At its deadline grpc-js resets the call by itself.
      if (!this.#over && code === status.DEADLINE_EXCEEDED) connection.countReset();
      this.#over = true;
      clearTimeout(this.#timer);
      connection.end();
    });
    // Whoever listened may have left: an error event without a listener would end the process.
    call.on('error', () => {});
  }

  cancel(): void {
    if (this.#over) return;
    this.#over = true;
    clearTimeout(this.#timer);
    this.connection.countReset();
    this.call.cancel();
  }

  /** Lets the peer end the call, which it is about to do, and cancels if it does not. */
  cancelAfter(graceMs: number): void {
    if (!this.#over) this.#timer = setTimeout(() => this.cancel(), graceMs).unref();
  }
}
