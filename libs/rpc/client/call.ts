// What all calls to peers have in common.
import type { CallOptions as GrpcCallOptions, Metadata } from '@grpc/grpc-js';
import { AppError } from '#libs/errors/index.js';
import { metadataOf, REQUEST_ID_KEY } from '../metadata.js';

export interface CallOptions {
  readonly signal: AbortSignal;
  /** Milliseconds from now; the callee learns of it. */
  readonly deadlineMs?: number;
  readonly requestId?: string;
  /** More text metadata, e.g. traceparent. */
  readonly metadata?: Readonly<Record<string, string>>;
}

/** One method of a peer: the definition, and how its answers become domain objects. */
export interface Method<WireQ, WireR, R> {
  readonly definition: {
    readonly path: string;
    readonly requestSerialize: (wire: WireQ) => Buffer;
    readonly responseDeserialize: (bytes: Buffer) => WireR;
  };
  readonly decode: (wire: WireR) => R;
}

/** What a peer sent wrongly is the peer's failure, not an invalid argument of whoever called us. */
export function fromPeer<R>(peer: string, decode: () => R): R {
  try {
    return decode();
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error);
    throw new AppError('internal', `${peer} sent an invalid message: ${message}`, { cause: error });
  }
}

export function metadataFor(options: CallOptions): Metadata {
  return metadataOf({ ...options.metadata, [REQUEST_ID_KEY]: options.requestId });
}

export function grpcOptions({ deadlineMs }: CallOptions): GrpcCallOptions {
  return deadlineMs === undefined ? {} : { deadline: Date.now() + deadlineMs };
}
