// Acceptance of one request, under the names and definitions of vLLM's `metrics.speculative_decoding`.
import type { Round } from './round.js';

export interface SpeculativeDecodingMetrics {
  /** Tokens committed a speculative round, bonus or correction included: 1 + accepted / steps. 0 without any. */
  readonly mean_acceptance_length: number;
  /** Accepted / drafted tokens; 0 without any. */
  readonly draft_acceptance_rate: number;
  /** Entry j counts the rounds in which j drafted tokens were accepted. [num_spec_tokens + 1] */
  readonly acceptance_histogram: readonly number[];
  /** Rounds with at least one drafted token. */
  readonly num_spec_steps: number;
  readonly num_accepted_draft_tokens: number;
  readonly num_draft_tokens: number;
  /** Most tokens a round could draft. */
  readonly num_spec_tokens: number;
}

export class SpeculationStats {
  readonly #histogram: number[];
  #accepted = 0;
  #drafted = 0;
  #steps = 0;

  /** `numSpecTokens` is the largest gamma; a round that drafted more raises it. */
  constructor(numSpecTokens: number) {
    this.#histogram = new Array<number>(numSpecTokens + 1).fill(0);
  }

  add({ drafted, accepted }: Pick<Round, 'drafted' | 'accepted'>): void {
    if (drafted === 0) return;
    while (this.#histogram.length <= drafted) this.#histogram.push(0);
    this.#histogram[accepted]!++;
    this.#steps++;
    this.#drafted += drafted;
    this.#accepted += accepted;
  }

  toMetrics(): SpeculativeDecodingMetrics {
    return {
      mean_acceptance_length: this.#steps === 0 ? 0 : 1 + this.#accepted / this.#steps,
      draft_acceptance_rate: this.#drafted === 0 ? 0 : this.#accepted / this.#drafted,
      acceptance_histogram: [...this.#histogram],
      num_spec_steps: this.#steps,
      num_accepted_draft_tokens: this.#accepted,
      num_draft_tokens: this.#drafted,
      num_spec_tokens: this.#histogram.length - 1,
    };
  }
}
