// Several draft sources, of which each round uses the one that promises most: a free offer (prompt lookup) if it matches
// well enough, else the best of the sources that cost time; if that one fails, the next. Implements both ports, since
// which source drafts and how much it drafts is one question. "Most" is counted in tokens beyond what the round's time
// brings at the generation's own rate: a short good round is not better than a long good one.
import { EMPTY_PROPOSAL } from '#libs/sampling/index.js';
import { type ChainSource, type DraftSource, joined } from './draft-source.js';
import { type FreeOffer, FreeOffers } from './free-offers.js';
import { type LoadPolicy, NO_LOAD } from './gamma/load-choice.js';
import { FREE_ALLOWANCE, LossBudget, MODEL_ALLOWANCE } from './gamma/loss-budget.js';
import { GenerationRate } from './generation-rate.js';
import { PromptReading } from './prompt-reading.js';
import type { DraftPlan, GammaController, Proposer, RoundOutcome, Sequence, TimedProposal } from './round.js';
import { warmUp } from './warm-up.js';

/** Tokens by which a model drafts more where an offer is sure of itself: what repeats is easy to foresee. */
const EASE = 0.5;
/** Tokens by which a source may look worse than a plain round and still be asked: estimates of a few rounds are rough. */
const DOUBT = 0.5;

export class Chain implements Proposer, GammaController {
  readonly #sources: readonly ChainSource[];
  readonly #dear: readonly ChainSource[];
  readonly #offers: FreeOffers;
  readonly #budget: LossBudget;
  readonly #rate = new GenerationRate();
  /** Failed when they were last asked: nothing is to be expected of them. */
  readonly #down = new Set<ChainSource>();
  readonly #reading = new PromptReading();
  #used: ChainSource | undefined;
  /** When the round began. */
  #isOn = true;

  /**
   * @param sources In order of preference among equals.
   * @param maxTokens Most that a goodput controller drafts, where a source doesn't say.
   * @param load Whether sources that cost time may be asked while sessions share the target. Default always.
   */
  constructor(
    sources: readonly DraftSource[],
    maxTokens = 8,
    private readonly load: LoadPolicy = NO_LOAD,
  ) {
    const isFree = sources.every(({ knowledge }) => knowledge.isFree);
    this.#budget = new LossBudget(isFree ? FREE_ALLOWANCE : MODEL_ALLOWANCE);
    this.#sources = sources.map((source) => joined(source, { maxTokens, budget: this.#budget }));
    this.#dear = this.#sources.filter(({ isFree }) => !isFree);
    this.#offers = new FreeOffers(this.#sources.filter(({ isFree }) => isFree));
  }

  get names(): readonly string[] {
    return this.#sources.map(({ name }) => name);
  }

  /** The bound of all sources; each has its own plan below it. */
  next(): DraftPlan {
    this.#isOn = this.load.isOn;
    const plans = this.#allowed().map(({ gamma }) => gamma.next());
    const [only] = plans;
    if (only !== undefined && this.#sources.length === 1) return only;
    return {
      maxTokens: Math.max(this.#offers.maxTokens, ...plans.map((plan) => plan.maxTokens)),
      minConfidence: 0,
      ahead: Math.max(0, ...plans.map(({ ahead = 0 }) => ahead)),
    };
  }

  /** Where sessions share the target, they pay for what a draft reads: only one that is to be asked does. */
  async warmUp(sequence: Sequence, signal: AbortSignal): Promise<void> {
    this.#reading.until = signal;
    const hurried = new Set(this.#dear.filter((source) => this.#isHurried(source)));
    for (const source of this.#isOn ? hurried : [])
      if (source.gamma.next().maxTokens > 0) this.#reading.begin(source, sequence);
    const awaited = this.#sources.filter((source) => !hurried.has(source));
    await Promise.all(awaited.map(({ proposer }) => warmUp(proposer, sequence, signal)));
  }

  async propose(sequence: Sequence, bound: DraftPlan, signal: AbortSignal): Promise<TimedProposal> {
    const [first] = this.#sources;
    if (first === undefined) return { proposal: EMPTY_PROPOSAL, computeMs: 0 };
    await this.#offers.look(sequence, bound.maxTokens, signal);
    const { plainMs } = first.worth.costs;
    const allowed = this.#allowed();
    const up = allowed.filter((source) => !this.#down.has(source));
    const rate = this.#rate.of(plainMs, up);
    const offer = this.#offers.best(rate);
    const dear = this.#worthAsking(allowed, offer, rate, 1 - rate * plainMs);
    let failure: unknown;
    for (const { source, plan } of dear) {
      if (this.#isHurried(source) && !this.#reading.isDone(source, sequence)) continue;
      try {
        this.#used = source;
        const maxTokens = Math.min(plan.maxTokens, bound.maxTokens);
        const ahead = Math.min(plan.ahead ?? 0, bound.ahead ?? 0);
        const answer = await source.proposer.propose(sequence, { ...plan, maxTokens, ahead }, signal);
        this.#down.delete(source);
        return failure === undefined ? answer : { ...answer, instead: failure };
      } catch (error) {
        signal.throwIfAborted();
        this.#down.add(source);
        failure ??= error;
      }
    }
    const left = failure === undefined ? offer : (offer ?? this.#offers.best(1 / plainMs));
    this.#used = left?.source;
    if (left !== undefined) return failure === undefined ? left.answer : { ...left.answer, instead: failure };
    if (failure !== undefined) throw failure;
    return { proposal: EMPTY_PROPOSAL, computeMs: 0 };
  }

  /** A round without a draft counts for all: each waits for its probe. */
  observe(outcome: RoundOutcome): void {
    const by = outcome.drafted > 0 && this.#used !== undefined ? [this.#used] : this.#sources;
    const [first] = by;
    if (first === undefined) return;
    this.load.observe(outcome, this.#isOn);
    this.#rate.observe(outcome);
    this.#budget.observe(outcome, first.worth.costs);
    for (const { observe } of by) observe(outcome);
  }

  lose(ms: number): void {
    this.load.lose(ms);
  }

  /** The sources that cost time and may be asked in this round. */
  #allowed(): readonly ChainSource[] {
    return this.#isOn ? this.#dear : this.#dear.filter(({ insists }) => insists);
  }

  /** Whether rounds don't wait until the source has read the prompt: others are in the way of it. */
  #isHurried({ insists }: ChainSource): boolean {
    return this.load.isShared && !insists;
  }

  /** The best first. */
  #worthAsking(sources: readonly ChainSource[], offer: FreeOffer | undefined, rate: number, plain: number) {
    const ease = EASE * (offer?.answer.confidences?.[0] ?? 0);
    const fromOffer = offer === undefined ? Number.NEGATIVE_INFINITY : offer.surplus - ease;
    const least = (insists: boolean) =>
      Math.max(insists ? Number.NEGATIVE_INFINITY : plain - DOUBT, fromOffer);
    return sources
      .map((source) => ({ source, plan: source.gamma.next(), surplus: source.worth.surplus(rate) }))
      .filter(({ source, plan, surplus }) => plan.maxTokens > 0 && surplus > least(source.insists))
      .sort((a, b) => b.surplus - a.surplus);
  }
}
