// Sums over the rounds of one request, by the clocks of the services that ran them. The first round reads the prompt, so
// it is kept apart: the others then tell what decoding costs.
import type { RoundStats } from '#libs/rpc/index.js';
import { SpeculationStats, type SpeculativeDecodingMetrics } from '#libs/speculative/index.js';

export class RoundTotals {
  /** The whole first round. */
  prefillMs = 0;
  /** Those after the first; so are the sums below. */
  rounds = 0;
  draftMs = 0;
  verifyMs = 0;
  totalMs = 0;
  draftComputeMs = 0;
  verifyComputeMs = 0;
  /** Drafted tokens that were there before they were asked for. */
  draftedAhead = 0;
  /** Sequences in the forwards of those rounds: a verifier that doesn't tell shares none. */
  batchSizes = 0;
  /** Rounds that wanted a draft and had none. */
  draftFailures = 0;
  readonly #speculation: SpeculationStats;
  #isFirst = true;

  /** `numSpecTokens`: the draft length that the client asked for; 0 lets the rounds tell. */
  constructor(numSpecTokens: number) {
    this.#speculation = new SpeculationStats(numSpecTokens);
  }

  add(round: RoundStats): void {
    this.#speculation.add(round);
    if (round.draftFailure !== undefined) this.draftFailures++;
    if (this.#isFirst) {
      this.#isFirst = false;
      this.prefillMs = round.totalMs;
      return;
    }
    this.rounds++;
    this.draftedAhead += round.draftedAhead ?? 0;
    this.draftMs += round.draftMs;
    this.verifyMs += round.verifyMs;
    this.totalMs += round.totalMs;
    this.draftComputeMs += round.draftComputeMs;
    this.verifyComputeMs += round.verifyComputeMs;
    this.batchSizes += round.batchSize ?? 1;
  }

  speculativeDecoding(): SpeculativeDecodingMetrics {
    return this.#speculation.toMetrics();
  }
}
