// The verifier's gRPC service. The rounds run in the worker thread; here a generation gets its slot, and the drafts that
// it may dial: only those that the registry (or the configuration) lists, whatever a gateway asks for.
import type { WorkerClient } from '#libs/engine/index.js';
import type { HostContext } from '#libs/hosting/index.js';
import {
  type CallContext,
  type GenerateRequest,
  type GenerateResponse,
  type RpcService,
  verifierServiceHandlers,
} from '#libs/rpc/index.js';
import type { HeldPrefixes } from '#libs/session/index.js';
import type { VerifierMetrics } from '#libs/telemetry/index.js';
import { Fences } from './fences.js';
import type { GenerateCall } from './generate.js';
import type { GenerationLimits } from './generation-limits.js';
import { observed } from './observed-generation.js';
import { SlotLeases } from './slot-leases.js';

export function verifierService(
  worker: WorkerClient<unknown>,
  limits: GenerationLimits,
  { info, session }: HostContext,
  metrics: VerifierMetrics,
  held: HeldPrefixes,
): RpcService {
  const leases = new SlotLeases();
  const fences = new Fences();

  async function* generate(
    { sessionId, fencingGeneration, tenant, priority, ...request }: GenerateRequest,
    { signal }: CallContext,
  ): AsyncGenerator<GenerateResponse> {
    fences.check(sessionId, fencingGeneration);
    const known = new Set(session.registry.workers('draft').map((draft) => draft.endpoint));
    const draftEndpoints = request.draftEndpoints.filter((endpoint) => known.has(endpoint));
    const occupancy = limits.enter(request.tokens.length);
    const lease = leases.take(sessionId, request.requestId);
    const generated: number[] = [];
    try {
      const { slotKey, isExtra: dropsSlot } = lease;
      const claim = { tenant, priority };
      const call: GenerateCall = { ...request, draftEndpoints, slotKey, dropsSlot, claim };
      const rounds = worker.call<GenerateResponse>('generate', call, signal);
      for await (const response of observed(rounds, request, metrics)) {
        occupancy.grow(response.tokens.length);
        // From its first round on others can copy the prompt's rows.
        if (generated.length === 0) held.enter(request.cacheSalt, request.tokens);
        generated.push(...response.tokens);
        yield response;
      }
    } finally {
      if (generated.length > 0) held.enter(request.cacheSalt, [...request.tokens, ...generated]);
      lease.release();
      occupancy.release();
    }
  }

  return verifierServiceHandlers({ generate, modelInfo: async () => info });
}
