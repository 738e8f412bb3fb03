// Waiting that ends when a signal says so, even if the work itself ignores the signal.

/** Settles as `work` does, or rejects with the signal's reason as soon as it is aborted. */
export function abortable<T>(work: Promise<T>, signal: AbortSignal): Promise<T> {
  return new Promise<T>((resolve, reject) => {
    const onAbort = () => reject(signal.reason);
    if (signal.aborted) onAbort();
    else signal.addEventListener('abort', onAbort, { once: true });
    // Also after an abort: a late rejection is then handled and the long-lived signal keeps no listener.
    work.then(resolve, reject).finally(() => signal.removeEventListener('abort', onAbort));
  });
}
