// Waiting that ends when the caller no longer wants it; leaves no listener behind.
import { AppError } from '#libs/errors/index.js';

/** Throws what the signal was aborted with, as an AppError. */
export function throwIfAborted(signal: AbortSignal): void {
  if (signal.aborted) throw AppError.from(signal.reason);
}

/** Settles like the promise, or rejects when the signal aborts; the promise itself goes on. */
export async function abortable<T>(promise: Promise<T>, signal: AbortSignal): Promise<T> {
  throwIfAborted(signal);
  let onAbort: () => void = () => {};
  const aborted = new Promise<never>((_, reject) => {
    onAbort = () => reject(AppError.from(signal.reason));
    signal.addEventListener('abort', onAbort);
  });
  try {
    return await Promise.race([promise, aborted]);
  } finally {
    signal.removeEventListener('abort', onAbort);
  }
}
