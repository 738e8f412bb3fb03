// One rpc client an endpoint, made when first dialled.
import type { ChannelPool, GenerateRequest, GenerateResponse } from '#libs/rpc/index.js';
import { VerifierClient } from '#libs/rpc/index.js';
import type { VerifierDialer } from './generation/verifier-call.js';

export class VerifierClients implements VerifierDialer {
  constructor(private readonly pool: ChannelPool) {}

  async *generate(
    endpoint: string,
    request: GenerateRequest,
    options: { readonly signal: AbortSignal; readonly deadlineMs?: number },
  ): AsyncIterable<GenerateResponse> {
    // A client is a share of a pooled channel: giving it back lets the pool close channels to verifiers that are gone.
    const client = new VerifierClient(endpoint, this.pool);
    try {
      yield* client.generate(request, options);
    } finally {
      client.close();
    }
  }
}
