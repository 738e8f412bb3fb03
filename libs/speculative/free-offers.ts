// The offers of sources that cost nothing to ask. All are looked at in every round, and judged by how the text went on,
// whether they were used or not: a source that is often wrong learns it without a wasted verification.
import { deterministicProposal } from '#libs/sampling/index.js';
import type { ChainSource } from './draft-source.js';
import type { Sequence, TimedProposal } from './round.js';

export interface FreeOffer {
  readonly source: ChainSource;
  readonly answer: TimedProposal;
  /** Tokens beyond what the round's time brings otherwise. */
  readonly surplus: number;
}

interface Looked {
  readonly source: ChainSource;
  readonly answer: TimedProposal;
}

export class FreeOffers {
  #looked: readonly Looked[] = [];
  /** Of the text when it was looked at. */
  #length = 0;

  constructor(private readonly sources: readonly ChainSource[]) {}

  get maxTokens(): number {
    return Math.max(0, ...this.sources.map(({ offerPlan }) => offerPlan().maxTokens));
  }

  /** Asks all sources, once they know what became of their last offers. */
  async look(sequence: Sequence, maxTokens: number, signal: AbortSignal): Promise<void> {
    this.#judge(sequence.tokens);
    this.#looked = await Promise.all(
      this.sources.map(async (source) => {
        const plan = source.offerPlan();
        const clippedPlan = { ...plan, maxTokens: Math.min(plan.maxTokens, maxTokens) };
        return { source, answer: await source.proposer.propose(sequence, clippedPlan, signal) };
      }),
    );
    this.#length = sequence.tokens.length;
  }

  /** Of those looked at, where time otherwise brings `rate` tokens a millisecond. */
  best(rate: number): FreeOffer | undefined {
    let best: FreeOffer | undefined;
    for (const { source, answer } of this.#looked) {
      const fitting = clipped(answer, source.fit(answer.confidences ?? [], rate));
      if (fitting === undefined) continue;
      const surplus = source.worth.surplusOf(fitting.confidences ?? [], rate);
      if (best === undefined || surplus > best.surplus) best = { source, answer: fitting, surplus };
    }
    return best;
  }

  #judge(tokens: readonly number[]): void {
    for (const { source, answer } of this.#looked) {
      const { proposal, confidences = [] } = answer;
      const known = Math.min(proposal.tokens.length, tokens.length - this.#length);
      let accepted = 0;
      while (accepted < known && proposal.tokens[accepted] === tokens[this.#length + accepted]) accepted++;
      source.worth.judge(Array.from(confidences).slice(0, known), accepted);
    }
    this.#looked = [];
  }
}

/** Its first tokens; undefined if none are left. Free offers are deterministic, so that dropping tokens biases nothing. */
function clipped(answer: TimedProposal, numTokens: number): TimedProposal | undefined {
  const { proposal, confidences = [] } = answer;
  if (numTokens === 0 || proposal.tokens.length === 0) return undefined;
  return {
    ...answer,
    proposal: deterministicProposal(Array.from(proposal.tokens.subarray(0, numTokens))),
    confidences: Array.from(confidences).slice(0, numTokens),
  };
}
