// A verifier's view of one draft.
import { Metadata } from '@grpc/grpc-js';
import { modelInfoFromWire } from '../convert/sampling.js';
import { joinTokenizer, tokenizerPieceFromWire } from '../convert/tokenizer.js';
import { protocol } from '../load.js';
import type { ModelInfo, TokenizerBytes } from '../messages.js';
import { CallEnd } from './call-end.js';
import type { ChannelPool, Lease } from './channel-pool.js';
import { ProposeStream } from './propose-stream.js';
import { serverStreamCall } from './server-stream-call.js';
import { unaryCall } from './unary-call.js';

export class DraftClient {
  readonly #lease: Lease;

  constructor(
    readonly endpoint: string,
    pool: ChannelPool,
  ) {
    this.#lease = pool.lease(endpoint);
  }

  /** One stream a generation. Rejects with `unavailable` if the draft cannot be reached within the connect timeout. */
  async openStream(signal: AbortSignal): Promise<ProposeStream> {
    const { channel } = this.#lease;
    if (!channel.connected) await channel.connect(signal);
    const { path, requestSerialize, responseDeserialize } = protocol().draft.Propose;
    const { connection } = channel;
    const call = connection.client.makeBidiStreamRequest(
      path,
      requestSerialize,
      responseDeserialize,
      new Metadata(),
      {},
    );
    return new ProposeStream(call, new CallEnd(call, connection), this.endpoint);
  }

  modelInfo(signal: AbortSignal): Promise<ModelInfo> {
    const method = { definition: protocol().draft.GetModelInfo, decode: modelInfoFromWire };
    return unaryCall(this.#lease.channel, method, {}, { signal });
  }

  /** The draft's own tokenizer. `not_found` if it has none; `internal` if what comes is too large. */
  tokenizer(signal: AbortSignal): Promise<TokenizerBytes> {
    const method = { definition: protocol().draft.GetTokenizer, decode: tokenizerPieceFromWire };
    return joinTokenizer(serverStreamCall(this.#lease.channel, method, {}, { signal }, () => false));
  }

  /** Gives the channel back; open streams go on. */
  close(): void {
    this.#lease.release();
  }
}
