// A gateway's view of one verifier.
import { generateRequestToWire, generateResponseFromWire } from '../convert/generate.js';
import { modelInfoFromWire } from '../convert/sampling.js';
import { protocol } from '../load.js';
import type { GenerateRequest, GenerateResponse, ModelInfo } from '../messages.js';
import type { CallOptions } from './call.js';
import type { ChannelPool, Lease } from './channel-pool.js';
import { serverStreamCall } from './server-stream-call.js';
import { unaryCall } from './unary-call.js';

export class VerifierClient {
  readonly #lease: Lease;

  constructor(
    readonly endpoint: string,
    pool: ChannelPool,
  ) {
    this.#lease = pool.lease(endpoint);
  }

  /**
   * One response a round. The call starts with the first `next()`; leaving the loop or aborting the signal cancels it.
   * Throws AppErrors: the verifier's own, `unavailable` when it cannot be reached or dies, `internal` when it lies.
   */
  generate(
    request: GenerateRequest,
    options: CallOptions,
  ): AsyncGenerator<GenerateResponse, void, undefined> {
    const method = { definition: protocol().verifier.Generate, decode: generateResponseFromWire };
    return serverStreamCall(this.#lease.channel, method, generateRequestToWire(request), options, isLast);
  }

  modelInfo(signal: AbortSignal): Promise<ModelInfo> {
    const method = { definition: protocol().verifier.GetModelInfo, decode: modelInfoFromWire };
    return unaryCall(this.#lease.channel, method, {}, { signal });
  }

  /** Gives the channel back; calls in progress go on. */
  close(): void {
    this.#lease.release();
  }
}

function isLast({ finishReason }: GenerateResponse): boolean {
  return finishReason !== undefined;
}
