// The one error class: a code from the table, a message for people, and what caused it.
import { ERROR_CODES, type ErrorCode, type ErrorMapping } from './codes.js';

export interface AppErrorOptions {
  readonly cause?: unknown;
  /** Name of the request field at fault, as the client wrote it. */
  readonly field?: string;
  /** Seconds after which a retry may succeed. */
  readonly retryAfterSeconds?: number;
}

export class AppError extends Error {
  override readonly name = 'AppError';
  readonly field: string | undefined;
  readonly retryAfterSeconds: number | undefined;

  constructor(
    readonly code: ErrorCode,
    message: string,
    options: AppErrorOptions = {},
  ) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.field = options.field;
    this.retryAfterSeconds = options.retryAfterSeconds;
  }

  get mapping(): ErrorMapping {
    return ERROR_CODES[this.code];
  }

  /** Turns anything thrown into an AppError; aborts become `cancelled`, timeouts `deadline_exceeded`. */
  static from(thrown: unknown): AppError {
    if (thrown instanceof AppError) return thrown;
    if (!(thrown instanceof Error)) return new AppError('internal', String(thrown), { cause: thrown });
    if (thrown.name === 'AbortError')
      return new AppError('cancelled', 'The call was cancelled.', { cause: thrown });
    if (thrown.name === 'TimeoutError')
      return new AppError('deadline_exceeded', 'The call took longer than its deadline.', { cause: thrown });
    return new AppError('internal', thrown.message, { cause: thrown });
  }
}
