// A server-streaming call as an async iterable.
import { appErrorFromCall } from '../status.js';
import { throwIfAborted } from './abortable.js';
import { type CallOptions, fromPeer, grpcOptions, type Method, metadataFor } from './call.js';
import { CallEnd } from './call-end.js';
import type { Channel } from './channel.js';

/** How long a peer may take to end its call after the last message. */
const END_TIMEOUT_MS = 5_000;

/**
 * Aborting the signal, or leaving the loop, cancels the call.
 * @param isLast tells the message after which a good peer ends the call: leaving there does not cancel it.
 */
export async function* serverStreamCall<WireQ, WireR, R>(
  channel: Channel,
  { definition, decode }: Method<WireQ, WireR, R>,
  request: WireQ,
  options: CallOptions,
  isLast: (response: R) => boolean,
): AsyncGenerator<R, void, undefined> {
  const { path, requestSerialize, responseDeserialize } = definition;
  const { signal } = options;
  await channel.connect(signal);
  const { connection } = channel;
  const call = connection.client.makeServerStreamRequest(
    path,
    requestSerialize,
    responseDeserialize,
    request,
    metadataFor(options),
    grpcOptions(options),
  );
  const end = new CallEnd(call, connection);
  const cancel = () => end.cancel();
  let ending = false;
  signal.addEventListener('abort', cancel);
  try {
    for await (const wire of call) {
      throwIfAborted(signal);
      const response = fromPeer(channel.endpoint, () => decode(wire as WireR));
      ending = isLast(response);
      yield response;
    }
  } catch (error) {
    throwIfAborted(signal);
    throw appErrorFromCall(error, channel.endpoint);
  } finally {
    signal.removeEventListener('abort', cancel);
    if (ending) end.cancelAfter(END_TIMEOUT_MS);
    else cancel();
  }
}
