// Aborts one HTTP exchange that falls silent, and tells afterwards in plain words why the exchange ended.
import { throwIfCancelled } from './cancelled.js';

const REASONS: Readonly<Record<string, string>> = {
  ENOTFOUND: 'the host name does not resolve',
  EAI_AGAIN: 'the host name does not resolve (no name server answers)',
  ECONNREFUSED: 'the connection is refused',
  ECONNRESET: 'the connection was reset',
  EHOSTUNREACH: 'the host is unreachable',
  ENETUNREACH: 'the network is unreachable',
  ETIMEDOUT: 'connecting took too long',
  UND_ERR_CONNECT_TIMEOUT: 'connecting took too long',
  UND_ERR_SOCKET: 'the connection was closed early',
};

export class Watchdog {
  readonly signal: AbortSignal;
  readonly #silence = new AbortController();
  #timer: NodeJS.Timeout | undefined;

  constructor(private readonly caller?: AbortSignal) {
    this.signal = caller ? AbortSignal.any([caller, this.#silence.signal]) : this.#silence.signal;
  }

  /** Aborts with `reason` unless armed or released again within `ms`. */
  arm(ms: number, reason: string): void {
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => this.#silence.abort(new Error(reason)), ms);
  }

  /** Stops watching; also while the reader is busy, whose silence is not the server's. */
  release(): void {
    clearTimeout(this.#timer);
  }

  /** Why the exchange failed. Throws `cancelled` when it was the caller who ended it. */
  explain(error: unknown): string {
    throwIfCancelled(this.caller);
    if (this.#silence.signal.aborted) return (this.#silence.signal.reason as Error).message;
    const code = codeOf(error);
    return REASONS[code] ?? (code || (error instanceof Error ? error.message : String(error)));
  }
}

/** fetch wraps the socket's error, and an error of several addresses wraps one each. */
function codeOf(error: unknown): string {
  const { code, cause, errors } = (error ?? {}) as { code?: unknown; cause?: unknown; errors?: unknown[] };
  if (typeof code === 'string') return code;
  if (Array.isArray(errors)) return codeOf(errors[0]);
  return cause === undefined ? '' : codeOf(cause);
}
