// A client of the gateway's public service.
import { textRequestToWire, textResponseFromWire } from '../convert/generation.js';
import { protocol } from '../load.js';
import type { GenerateTextRequest, GenerateTextResponse } from '../messages.js';
import type { CallOptions } from './call.js';
import type { ChannelPool, Lease } from './channel-pool.js';
import { serverStreamCall } from './server-stream-call.js';

export class GenerationClient {
  readonly #lease: Lease;

  constructor(
    readonly endpoint: string,
    pool: ChannelPool,
  ) {
    this.#lease = pool.lease(endpoint);
  }

  /** The call starts with the first `next()`; leaving the loop or aborting the signal cancels it. */
  generate(
    request: GenerateTextRequest,
    options: CallOptions,
  ): AsyncGenerator<GenerateTextResponse, void, undefined> {
    const method = { definition: protocol().generation.Generate, decode: textResponseFromWire };
    return serverStreamCall(this.#lease.channel, method, textRequestToWire(request), options, isLast);
  }

  close(): void {
    this.#lease.release();
  }
}

function isLast({ finishReason }: GenerateTextResponse): boolean {
  return finishReason !== undefined;
}
