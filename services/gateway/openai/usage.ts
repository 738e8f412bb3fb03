// The `usage` and `metrics` objects of an answer: OpenAI's usage, vLLM's metrics, and our sums over the rounds.
import type { GenerationSummary } from '../generation/generation.js';

/**
 * Sums over the choices; a prompt counts once, however many choices it has.
 * @param summaries In order of index: the choices of each prompt are neighbours.
 */
export function usageOf(summaries: readonly GenerationSummary[], numPrompts = 1) {
  const perPrompt = summaries.length / numPrompts;
  const prompts = summaries.filter((_, index) => index % perPrompt === 0);
  const promptTokens = sum(prompts.map((summary) => summary.promptTokens));
  const completionTokens = sum(summaries.map((summary) => summary.completionTokens));
  return {
    prompt_tokens: promptTokens,
    completion_tokens: completionTokens,
    total_tokens: promptTokens + completionTokens,
    prompt_tokens_details: { cached_tokens: sum(prompts.map((summary) => summary.cachedTokens)) },
  };
}

/** Null for several choices, as in vLLM: the times of one generation say nothing of another. */
export function answerMetrics(summaries: readonly GenerationSummary[]) {
  const [only] = summaries;
  return summaries.length === 1 && only !== undefined ? metricsOf(only) : null;
}

function sum(values: readonly number[]): number {
  return values.reduce((a, b) => a + b, 0);
}

/** Times in milliseconds; those under `outrider` are sums over rounds, by the clocks of the services. */
export function metricsOf({ timings, totals, failovers, queueMs }: GenerationSummary) {
  return {
    time_to_first_token_ms: timings.timeToFirstTokenMs,
    queue_time_ms: queueMs,
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
      drafted_ahead: totals.draftedAhead,
      mean_batch_size: totals.rounds === 0 ? 0 : totals.batchSizes / totals.rounds,
      draft_failures: totals.draftFailures,
      failovers,
    },
  };
}
