// Several draft sources, of which each round uses the one that promises most: a free offer (prompt lookup) if it matches
// well enough, else the best of the sources that cost time; if that one fails, the next. Implements both ports, since
// which source drafts and how much it drafts is one question.
import { EMPTY_PROPOSAL } from '#libs/sampling/index.js';
import type {
  DraftPlan,
  GammaController,
  Proposer,
  RatedGamma,
  RoundOutcome,
  Sequence,
  TimedProposal,
} from './round.js';
import { warmUp } from './warm-up.js';

export interface DraftSource {
  readonly name: string;
  readonly proposer: Proposer;
  readonly gamma: RatedGamma;
  /** Its proposals cost next to nothing, so they can be looked at before one is chosen. */
  readonly isFree: boolean;
}

export class Chain implements Proposer, GammaController {
  readonly #sources: readonly DraftSource[];
  #used: DraftSource | undefined;

  /** @param sources In order of preference among equals. */
  constructor(sources: readonly DraftSource[]) {
    this.#sources = sources;
  }

  /** The bound of all sources; each has its own plan below it. */
  next(): DraftPlan {
    const plans = this.#sources.map(({ gamma }) => gamma.next());
    const maxTokens = Math.max(0, ...plans.map((plan) => plan.maxTokens));
    return { maxTokens, minConfidence: 0, ahead: Math.max(0, ...plans.map(({ ahead = 0 }) => ahead)) };
  }

  async warmUp(sequence: Sequence, signal: AbortSignal): Promise<void> {
    await Promise.all(this.#sources.map(({ proposer }) => warmUp(proposer, sequence, signal)));
  }

  async propose(sequence: Sequence, plan: DraftPlan, signal: AbortSignal): Promise<TimedProposal> {
    const ask = (source: DraftSource) => {
      const own = source.gamma.next();
      this.#used = source;
      const maxTokens = Math.min(own.maxTokens, plan.maxTokens);
      const ahead = Math.min(own.ahead ?? 0, plan.ahead ?? 0);
      return source.proposer.propose(sequence, { ...own, maxTokens, ahead }, signal);
    };
    const offer = await this.#bestOffer(ask);
    const dear = this.#sources
      .filter(({ isFree, gamma }) => !isFree && gamma.next().maxTokens > 0)
      .filter(({ gamma }) => offer === undefined || gamma.rate > offer.rate)
      .sort((a, b) => b.gamma.rate - a.gamma.rate);
    let failure: unknown;
    for (const source of dear)
      try {
        return await ask(source);
      } catch (error) {
        signal.throwIfAborted();
        failure ??= error;
      }
    this.#used = offer?.source;
    if (offer !== undefined) return offer.answer;
    if (failure !== undefined) throw failure;
    return { proposal: EMPTY_PROPOSAL, computeMs: 0 };
  }

  /** A round without a draft counts for all: each waits for its probe. */
  observe(outcome: RoundOutcome): void {
    if (outcome.drafted > 0) this.#used?.gamma.observe(outcome);
    else for (const { gamma } of this.#sources) gamma.observe(outcome);
  }

  async #bestOffer(ask: (source: DraftSource) => Promise<TimedProposal>) {
    let best: { source: DraftSource; answer: TimedProposal; rate: number } | undefined;
    for (const source of this.#sources) {
      if (!source.isFree || source.gamma.next().maxTokens === 0) continue;
      const answer = await ask(source);
      if (answer.proposal.tokens.length === 0) continue;
      const rate = source.gamma.rateOf(answer.confidences ?? []);
      if (best === undefined || rate > best.rate) best = { source, answer, rate };
    }
    return best;
  }
}
