// What passes between the main thread and a worker thread that holds a model.
import type { ErrorCode } from '#libs/errors/index.js';

export type ToWorker =
  | {
      readonly kind: 'call';
      readonly id: number;
      readonly method: string;
      readonly payload: unknown;
      /** Items that may be sent before more are granted. */
      readonly credit: number;
    }
  /** So many more. */
  | { readonly kind: 'grant'; readonly id: number; readonly numItems: number }
  | { readonly kind: 'cancel'; readonly id: number }
  | { readonly kind: 'stop' };

export type FromWorker =
  | { readonly kind: 'ready'; readonly value: unknown }
  | { readonly kind: 'failed'; readonly error: WireError }
  | { readonly kind: 'item'; readonly id: number; readonly value: unknown }
  | { readonly kind: 'end'; readonly id: number }
  | { readonly kind: 'error'; readonly id: number; readonly error: WireError };

/** An AppError as structured clone can carry it. */
export interface WireError {
  readonly code: ErrorCode;
  readonly message: string;
  readonly field: string | undefined;
}
