// How a long build stays polite: it tells how far it is, lets others run, and stops when it is told to.
import { setImmediate as nextTurn } from 'node:timers/promises';
import { AppError } from '#libs/errors/index.js';

export interface Pacing {
  readonly onProgress?: ((done: number, total: number, what: string) => void) | undefined;
  readonly signal?: AbortSignal | undefined;
}

/** Reports progress, lets other work run, and stops a cancelled build between parts. */
export function pacer(total: number, { onProgress, signal }: Pacing): (what: string) => Promise<void> {
  let done = 0;
  return async (what) => {
    onProgress?.(done++, total, what);
    await nextTurn();
    if (signal?.aborted) throw AppError.from(signal.reason);
  };
}
