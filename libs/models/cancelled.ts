// A pull that its caller ended is `cancelled` (or past its deadline), whatever value the abort carries.
import { AppError } from '#libs/errors/index.js';

/** Throws `cancelled` or `deadline_exceeded` once `signal` has aborted. */
export function throwIfCancelled(signal: AbortSignal | undefined): void {
  if (!signal?.aborted) return;
  const error = AppError.from(signal.reason);
  if (error.code !== 'internal') throw error;
  throw new AppError('cancelled', 'The pull was cancelled.', { cause: signal.reason });
}
