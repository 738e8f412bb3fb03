// The draft's gRPC service: each request of a stream becomes one call of the worker thread.
import { AppError } from '#libs/errors/index.js';
import type { HostContext } from '#libs/hosting/index.js';
import {
  draftServiceHandlers,
  type ProposeRequest,
  type ProposeResponse,
  type RpcService,
} from '#libs/rpc/index.js';
import type { ProposeCall, ProposeResult } from './propose.js';

export function draftService({ worker, info }: HostContext): RpcService {
  async function answer(request: ProposeRequest, signal: AbortSignal): Promise<ProposeResponse> {
    const { round, ...call } = request;
    try {
      const result = await worker.call<ProposeResult>('propose', call satisfies ProposeCall, signal);
      return { round, outcome: 'proposal', ...result };
    } catch (error) {
      if (error instanceof AppError && error.code === 'session_lost')
        return { round, outcome: 'session_lost' };
      throw error;
    }
  }
  return draftServiceHandlers({
    async *propose(requests, { signal }) {
      for await (const request of requests) yield await answer(request, signal);
    },
    modelInfo: async () => info,
  });
}
