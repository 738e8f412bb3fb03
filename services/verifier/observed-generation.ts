// Counts what a generation's rounds say of themselves, for this process's /metrics.
import type { GenerateRequest, GenerateResponse } from '#libs/rpc/index.js';
import { draftFailureReason, type VerifierMetrics } from '#libs/telemetry/index.js';

export async function* observed(
  responses: AsyncIterable<GenerateResponse>,
  { tokens: asked }: Pick<GenerateRequest, 'tokens'>,
  metrics: VerifierMetrics,
): AsyncGenerator<GenerateResponse> {
  metrics.generationsRunning.inc();
  try {
    let isFirst = true;
    for await (const response of responses) {
      const { round, tokens } = response;
      if (isFirst) {
        metrics.prefixCacheQueries.inc(asked.length);
        metrics.prefixCacheHits.inc(round.cachedTokens);
      }
      isFirst = false;
      metrics.rounds.inc();
      metrics.generationTokens.inc(tokens.length);
      metrics.verifySeconds.inc(round.verifyComputeMs / 1000);
      metrics.observeRound(round);
      if (round.draftFailure !== undefined) metrics.draftFailures.inc(draftFailureReason(round.draftFailure));
      yield response;
    }
  } finally {
    metrics.generationsRunning.dec();
  }
}
