// A unary call as a promise.
import { appErrorFromCall } from '../status.js';
import { throwIfAborted } from './abortable.js';
import { type CallOptions, fromPeer, grpcOptions, type Method, metadataFor } from './call.js';
import { CallEnd } from './call-end.js';
import type { Channel } from './channel.js';

/** Aborting the signal cancels the call. */
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
      const { connection } = channel;
      const call = connection.client.makeUnaryRequest(
        path,
        requestSerialize,
        responseDeserialize,
        request,
        metadataFor(options),
        grpcOptions(options),
        (error, response) => (error === null ? resolve(response as WireR) : reject(error)),
      );
      const end = new CallEnd(call, connection);
      cancel = () => end.cancel();
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
