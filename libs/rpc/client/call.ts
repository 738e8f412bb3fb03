// Calls as promises and async iterables. Cancelling the signal, or leaving the loop, cancels the call.
import type { CallOptions as GrpcCallOptions } from '@grpc/grpc-js';
import { AppError } from '#libs/errors/index.js';
import { metadataOf, REQUEST_ID_KEY } from '../metadata.js';
import { appErrorFromCall } from '../status.js';
import { throwIfAborted } from './abortable.js';
import type { Channel } from './channel.js';

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

export async function unaryCall<WireQ, WireR, R>(
  channel: Channel,
  { definition, decode }: Method<WireQ, WireR, R>,
  request: WireQ,
  options: CallOptions,
): Promise<R> {
  const { path, requestSerialize, responseDeserialize } = definition;
  await channel.connect(options.signal);
  let cancel: () => void = () => {};
  try {
    const wire = await new Promise<WireR>((resolve, reject) => {
      const call = channel.client.makeUnaryRequest(
        path,
        requestSerialize,
        responseDeserialize,
        request,
        metadataFor(options),
        grpcOptions(options),
        (error, response) => (error === null ? resolve(response as WireR) : reject(error)),
      );
      cancel = () => call.cancel();
      options.signal.addEventListener('abort', cancel);
    });
    return fromPeer(channel.endpoint, () => decode(wire));
  } catch (error) {
    throwIfAborted(options.signal);
    throw appErrorFromCall(error, channel.endpoint);
  } finally {
    options.signal.removeEventListener('abort', cancel);
  }
}

export async function* serverStreamCall<WireQ, WireR, R>(
  channel: Channel,
  { definition, decode }: Method<WireQ, WireR, R>,
  request: WireQ,
  options: CallOptions,
): AsyncGenerator<R, void, undefined> {
  const { path, requestSerialize, responseDeserialize } = definition;
  const { signal } = options;
  await channel.connect(signal);
  const call = channel.client.makeServerStreamRequest(
    path,
    requestSerialize,
    responseDeserialize,
    request,
    metadataFor(options),
    grpcOptions(options),
  );
  const cancel = () => call.cancel();
  signal.addEventListener('abort', cancel);
  // The loop's own listener goes with the loop; the error of a call cancelled after it must not crash the process.
  call.on('error', () => {});
  try {
    for await (const wire of call) {
      throwIfAborted(signal);
      yield fromPeer(channel.endpoint, () => decode(wire as WireR));
    }
  } catch (error) {
    throwIfAborted(signal);
    throw appErrorFromCall(error, channel.endpoint);
  } finally {
    signal.removeEventListener('abort', cancel);
    cancel();
  }
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

function metadataFor(options: CallOptions) {
  return metadataOf({ ...options.metadata, [REQUEST_ID_KEY]: options.requestId });
}

function grpcOptions({ deadlineMs }: CallOptions): GrpcCallOptions {
  return deadlineMs === undefined ? {} : { deadline: Date.now() + deadlineMs };
}
