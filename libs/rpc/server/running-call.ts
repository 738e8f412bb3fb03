// One call in progress on the server: its abort signal, its one reply, its place in the set that drain waits for.
// grpc-js fires `cancelled` at the end of every call, also after a good reply: `#replied` tells the two apart.
import type { Metadata } from '@grpc/grpc-js';
import { AppError } from '#libs/errors/index.js';
import { REQUEST_ID_KEY, textOf } from '../metadata.js';

const REQUEST_ID = /^[\x21-\x7e]{1,128}$/;
const MAX_TIMER_MS = 2 ** 31 - 1;

/** What a handler knows of the call besides the request. */
export interface CallContext {
  /** Aborts when the client cancels or is lost, at the deadline, and when the server shuts down by force. */
  readonly signal: AbortSignal;
  /** Epoch milliseconds; undefined without a deadline. */
  readonly deadline: number | undefined;
  /** The caller's x-request-id, if it sent a sane one. */
  readonly requestId: string | undefined;
  /** The first text value sent under this key. */
  metadata(key: string): string | undefined;
}

/** The part of grpc-js's server calls that all four kinds share. */
export interface ServerCall {
  readonly metadata: Metadata;
  getDeadline(): Date | number;
  on(event: 'cancelled', listener: () => void): unknown;
}

export class RunningCall {
  readonly context: CallContext;
  readonly #controller = new AbortController();
  readonly #sendError: (error: unknown) => void;
  #deadlineTimer: NodeJS.Timeout | undefined;
  #replied = false;

  constructor(call: ServerCall, sendError: (error: unknown) => void, onEnd: (call: RunningCall) => void) {
    this.#sendError = sendError;
    const deadline = Number(call.getDeadline());
    this.context = {
      signal: this.#controller.signal,
      deadline: Number.isFinite(deadline) ? deadline : undefined,
      requestId: requestIdOf(call.metadata),
      metadata: (key) => textOf(call.metadata, key),
    };
    if (Number.isFinite(deadline)) this.#startDeadline(deadline);
    call.on('cancelled', () => {
      clearTimeout(this.#deadlineTimer);
      if (!this.#replied)
        this.#abort(new AppError('cancelled', 'The client cancelled the call or was lost.'));
      onEnd(this);
    });
  }

  get signal(): AbortSignal {
    return this.#controller.signal;
  }

  /** Ends the call well, unless it is over already. */
  succeed(send: () => void): void {
    if (!this.#takeReply()) return;
    send();
  }

  /** Ends the call with an error and tells a handler that still runs. */
  fail(error: unknown): void {
    if (!this.#takeReply()) return;
    this.#sendError(error);
    this.#controller.abort(error);
  }

  #abort(error: AppError): void {
    this.#replied = true;
    this.#controller.abort(error);
  }

  #takeReply(): boolean {
    if (this.#replied) return false;
    this.#replied = true;
    clearTimeout(this.#deadlineTimer);
    return true;
  }

  // grpc-js has its own deadline timer, but behind a reader that stalls it never reaches the handler.
  #startDeadline(deadline: number): void {
    const waitMs = Math.min(Math.max(deadline - Date.now(), 0), MAX_TIMER_MS);
    const error = () => new AppError('deadline_exceeded', 'The call took longer than its deadline.');
    this.#deadlineTimer = setTimeout(() => this.fail(error()), waitMs);
  }
}

function requestIdOf(metadata: Metadata): string | undefined {
  const value = textOf(metadata, REQUEST_ID_KEY);
  return value !== undefined && REQUEST_ID.test(value) ? value : undefined;
}
