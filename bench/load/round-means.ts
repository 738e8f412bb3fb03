// What a round took on average, by the services' own clocks, first rounds (prefills) apart.

import { sum } from '../statistics.js';
import type { RoundSums } from '../streamed-chat.js';

/** Means of all rounds after the first ones, in milliseconds. */
export interface RoundMeans {
  readonly rounds: number;
  readonly totalMs: number;
  readonly draftMs: number;
  readonly verifyMs: number;
  readonly draftComputeMs: number;
  /** Of the forward that the round was part of. */
  readonly verifyComputeMs: number;
  /** Sequences in the forward that a round was part of: forwards with many count for each of them. */
  readonly batchSize: number;
  /** Of the first rounds. */
  readonly prefillMs: number;
}

export function roundMeans(requests: readonly RoundSums[]): RoundMeans | undefined {
  const total = (part: keyof RoundSums) => sum(requests.map((sums) => sums[part]));
  const rounds = total('rounds');
  if (rounds === 0) return undefined;
  return {
    rounds,
    totalMs: total('total_ms') / rounds,
    draftMs: total('draft_ms') / rounds,
    verifyMs: total('verify_ms') / rounds,
    draftComputeMs: total('draft_compute_ms') / rounds,
    verifyComputeMs: total('verify_compute_ms') / rounds,
    batchSize: sum(requests.map(({ rounds, mean_batch_size }) => rounds * mean_batch_size)) / rounds,
    prefillMs: total('prefill_ms') / requests.length,
  };
}
