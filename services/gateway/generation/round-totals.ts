// Sums over the rounds of one request, by the clocks of the services that ran them.
import type { RoundStats } from '#libs/rpc/index.js';
import { SpeculationStats, type SpeculativeDecodingMetrics } from '#libs/speculative/index.js';

export class RoundTotals {
  rounds = 0;
  draftMs = 0;
  verifyMs = 0;
  totalMs = 0;
  draftComputeMs = 0;
  verifyComputeMs = 0;
  /** Rounds that wanted a draft and had none. */
  draftFailures = 0;
  readonly #speculation: SpeculationStats;

  /** `numSpecTokens`: the draft length that the client asked for; 0 lets the rounds tell. */
  constructor(numSpecTokens: number) {
    this.#speculation = new SpeculationStats(numSpecTokens);
  }

  add(round: RoundStats): void {
    this.rounds++;
    this.draftMs += round.draftMs;
    this.verifyMs += round.verifyMs;
    this.totalMs += round.totalMs;
    this.draftComputeMs += round.draftComputeMs;
    this.verifyComputeMs += round.verifyComputeMs;
    if (round.draftFailure !== undefined) this.draftFailures++;
    this.#speculation.add(round);
  }

  speculativeDecoding(): SpeculativeDecodingMetrics {
    return this.#speculation.toMetrics();
  }
}
