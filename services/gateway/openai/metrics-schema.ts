// The `metrics` object of an answer, for the API document; docs/api.md says what each field means.
import { z } from 'zod';

const count = z.int().min(0);
const milliseconds = z.number();

export const answerMetrics = z.object({
  time_to_first_token_ms: milliseconds.nullable(),
  queue_time_ms: milliseconds,
  generation_time_ms: milliseconds,
  mean_itl_ms: milliseconds.nullable(),
  tokens_per_second: z.number(),
  speculative_decoding: z.object({
    mean_acceptance_length: z.number(),
    draft_acceptance_rate: z.number(),
    acceptance_histogram: z.array(count),
    num_spec_steps: count,
    num_accepted_draft_tokens: count,
    num_draft_tokens: count,
    num_spec_tokens: count,
  }),
  outrider: z.object({
    prefill_ms: milliseconds,
    rounds: count,
    draft_ms: milliseconds,
    verify_ms: milliseconds,
    draft_compute_ms: milliseconds,
    verify_compute_ms: milliseconds,
    total_ms: milliseconds,
    drafted_ahead: count,
    mean_batch_size: z.number(),
    draft_failures: count,
    failovers: count,
  }),
});
