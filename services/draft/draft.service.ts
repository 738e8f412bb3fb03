// The draft's gRPC service. The model runs on this very thread: a draft step takes about a millisecond, and the hop to a
// worker thread and back would add half of that to every round (docs/decisions/0009). Sessions share forwards, or take turns, step by step.
import {
  type DraftEngine,
  Drafting,
  DraftStream,
  type Head,
  type ProposeResult,
} from '#libs/drafting/index.js';
import { AppError } from '#libs/errors/index.js';
import {
  type DraftHandlers,
  draftServiceHandlers,
  type ModelInfo,
  type ProposeRequest,
  type ProposeResponse,
  type RpcService,
} from '#libs/rpc/index.js';
import type { SamplingParams } from '#libs/sampling/index.js';
import type { DraftMetrics } from '#libs/telemetry/index.js';

type SampledRequest = ProposeRequest & { readonly sampling: SamplingParams };

export function draftService(
  engine: DraftEngine,
  head: Head,
  info: ModelInfo,
  metrics: DraftMetrics,
  tokenizer?: DraftHandlers['tokenizer'],
): RpcService {
  const drafting = new Drafting(engine, head);

  async function answer(
    stream: DraftStream,
    request: SampledRequest,
    signal: AbortSignal,
  ): Promise<ProposeResponse> {
    const { round } = request;
    checkVocabulary(request, info);
    try {
      const result = await stream.propose(request, signal);
      observe(metrics, request, result);
      return { round, outcome: 'proposal', ...result };
    } catch (error) {
      if (!(error instanceof AppError) || error.code !== 'session_lost') throw error;
      metrics.sessionsLost.inc();
      return { round, outcome: 'session_lost' };
    }
  }

  return draftServiceHandlers({
    async *propose(requests, { signal }) {
      const stream = new DraftStream(drafting);
      let sampling: SamplingParams | undefined;
      try {
        for await (const request of requests) {
          sampling = request.sampling ?? sampling;
          if (sampling === undefined)
            throw new AppError(
              'invalid_argument',
              'The first request of a stream has no sampling; send it.',
              { field: 'sampling' },
            );
          yield await answer(stream, { ...request, sampling }, signal);
          stream.workAhead(request.draftAhead ?? 0);
        }
      } finally {
        await stream.close();
      }
    },
    modelInfo: async () => info,
    tokenizer,
  });
}

function observe(
  metrics: DraftMetrics,
  { prefixLength, tokens, features }: SampledRequest,
  result: ProposeResult,
): void {
  metrics.proposals.inc();
  metrics.draftedTokens.inc(result.proposal.tokens.length);
  metrics.draftSeconds.inc(result.ownMs / 1000);
  metrics.featureBytes.inc(features?.values.byteLength ?? 0);
  if (prefixLength > 0) return;
  metrics.prefixCacheQueries.inc(tokens.length);
  metrics.prefixCacheHits.inc(result.cachedTokens);
}

/** Token ids of another vocabulary mean other tokens: the caller must translate, or such drafts are only ever rejected. */
function checkVocabulary({ vocabularyFingerprint }: ProposeRequest, info: ModelInfo): void {
  if (vocabularyFingerprint === undefined || vocabularyFingerprint === info.vocabularyFingerprint) return;
  throw new AppError(
    'failed_precondition',
    `The draft ${info.model} was asked in another vocabulary than its own.`,
  );
}
