// The `usage` and `metrics` objects of an answer: OpenAI's usage, vLLM's metrics, and our sums over the rounds.
import type { GenerationSummary } from '../generation/generation.js';

export function usageOf({ promptTokens, completionTokens, cachedTokens }: GenerationSummary) {
  return {
    prompt_tokens: promptTokens,
    completion_tokens: completionTokens,
    total_tokens: promptTokens + completionTokens,
    prompt_tokens_details: { cached_tokens: cachedTokens },
  };
}

/** Times in milliseconds; those under `outrider` are sums over rounds, by the clocks of the services. */
export function metricsOf({ timings, totals, failovers }: GenerationSummary) {
  return {
    time_to_first_token_ms: timings.timeToFirstTokenMs,
    generation_time_ms: timings.generationTimeMs,
    mean_itl_ms: timings.meanItlMs,
    tokens_per_second: timings.tokensPerSecond,
    speculative_decoding: totals.speculativeDecoding(),
    outrider: {
      prefill_ms: totals.prefillMs,
      rounds: totals.rounds,
      draft_ms: totals.draftMs,
      verify_ms: totals.verifyMs,
      draft_compute_ms: totals.draftComputeMs,
      verify_compute_ms: totals.verifyComputeMs,
      total_ms: totals.totalMs,
      draft_failures: totals.draftFailures,
      failovers,
    },
  };
}
