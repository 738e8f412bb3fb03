// The verifier's gRPC service: each call is one generation, driven by the round loop.
import type { HostContext } from '#libs/hosting/index.js';
import {
  type CallContext,
  type GenerateRequest,
  type GenerateResponse,
  type RpcService,
  verifierServiceHandlers,
} from '#libs/rpc/index.js';
import { ConstantGamma, decode, type GammaController, HeuristicGamma } from '#libs/speculative/index.js';
import type { DraftDirectory } from './draft-directory.js';
import { Fences } from './fences.js';
import { SlotLeases } from './slot-leases.js';
import { WorkerVerifier } from './worker-verifier.js';

/** Longest wait for a proposal before the round goes on without it. */
const DRAFT_DEADLINE_MS = 1000;

export function verifierService({ worker, info }: HostContext, drafts: DraftDirectory): RpcService {
  const leases = new SlotLeases();
  const fences = new Fences();

  async function* generate(
    request: GenerateRequest,
    { signal }: CallContext,
  ): AsyncGenerator<GenerateResponse> {
    fences.check(request.sessionId, request.fencingGeneration);
    const lease = leases.take(request.sessionId, request.requestId);
    const proposer = request.speculation.enabled ? drafts.proposer(request.draftEndpoints) : undefined;
    try {
      const rounds = decode(
        {
          sessionId: lease.slotKey,
          promptTokens: request.tokens,
          sampling: request.sampling,
          maxTokens: request.maxTokens,
          contextLength: info.contextLength,
          stopTokenIds: new Set(request.stopTokenIds),
          vocabSize: info.vocabSize,
        },
        {
          verifier: new WorkerVerifier(worker, lease.slotKey),
          proposer,
          gamma: gammaController(request.speculation.numSpeculativeTokens),
          draftDeadlineMs: DRAFT_DEADLINE_MS,
          now: () => performance.now(),
        },
        signal,
      );
      let isFirst = true;
      for await (const { tokens, finishReason, ...round } of rounds) {
        const cachedTokens = isFirst ? round.cachedTokens : 0;
        yield {
          tokens,
          round: { ...round, cachedTokens },
          ...(finishReason !== undefined && { finishReason }),
        };
        isFirst = false;
      }
    } finally {
      proposer?.close();
      lease.release();
    }
  }

  return verifierServiceHandlers({ generate, modelInfo: async () => info });
}

/** @param numTokens Tokens to draft a round; 0 lets the heuristic choose. */
function gammaController(numTokens: number): GammaController {
  return numTokens > 0 ? new ConstantGamma(numTokens) : new HeuristicGamma();
}
