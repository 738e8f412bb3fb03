// The Proposer port over drafts of another vocabulary: reads the committed tokens as text, asks for a greedy draft behind
// that text, and hands on what it says in the target's tokens. One for each generation.
import { deterministicProposal, EMPTY_PROPOSAL, type SamplingParams } from '#libs/sampling/index.js';
import type { DraftPlan, Proposer, Sequence, TimedProposal } from '#libs/speculative/index.js';
import type { Translator } from './translator.js';

/** A draft whose tokens are bytes needs about four for one of the target's. */
const MOST_DRAFT_TOKENS_PER_TOKEN = 4;
/** As many as a request may ask for. */
const MOST_DRAFT_TOKENS = 256;

let generations = 0;

export class UniversalProposer implements Proposer {
  readonly #generation = generations++;
  /** The sequence in the draft's tokens. */
  readonly #tokens: number[] = [];
  #settledLength = 0;
  #numRead = 0;
  #promptLength = 0;

  /** @param remote Drafts of one vocabulary. */
  constructor(
    private readonly remote: Proposer,
    private readonly translator: Pick<Translator, 'run'>,
  ) {}

  async warmUp(sequence: Sequence, signal: AbortSignal): Promise<void> {
    await this.remote.propose(await this.#read(sequence), { maxTokens: 1, minConfidence: 0 }, signal);
  }

  async propose(sequence: Sequence, plan: DraftPlan, signal: AbortSignal): Promise<TimedProposal> {
    const own = await this.#read(sequence);
    signal.throwIfAborted();
    const {
      proposal,
      computeMs,
      confidences = [],
    } = await this.remote.propose(own, { ...plan, maxTokens: this.#maxTokens(plan.maxTokens) }, signal);
    if (proposal.tokens.length === 0) return { proposal: EMPTY_PROPOSAL, computeMs };
    const translated = await this.translator.run({
      kind: 'translate',
      generation: this.#generation,
      drafted: [...proposal.tokens],
      confidences: Array.from(confidences),
      maxTokens: plan.maxTokens,
    });
    return {
      proposal: deterministicProposal(translated.tokens),
      computeMs,
      confidences: translated.confidences,
    };
  }

  close(): void {
    this.translator.run({ kind: 'release', generation: this.#generation }).catch(() => {});
  }

  /** The sequence as the draft sees it. */
  async #read({ sessionId, tokens, sampling, cacheSalt }: Sequence): Promise<Sequence> {
    const start = this.#numRead;
    this.#numRead = tokens.length;
    const read = { kind: 'read', generation: this.#generation, start, tokens: tokens.slice(start) } as const;
    const tail = await this.translator.run(read);
    this.#tokens.length = tail.start;
    for (const token of tail.tokens) this.#tokens.push(token);
    this.#settledLength = tail.settledLength;
    if (start === 0) this.#promptLength = this.#tokens.length;
    return {
      sessionId,
      tokens: this.#tokens,
      promptLength: Math.min(this.#promptLength, this.#tokens.length),
      settledLength: this.#settledLength,
      sampling: greedyDraft(sampling),
      cacheSalt,
    };
  }

  /** As many of the draft's tokens as say about the same. */
  #maxTokens(wanted: number): number {
    const ratio = Math.min(this.#tokens.length / this.#numRead, MOST_DRAFT_TOKENS_PER_TOKEN);
    return Math.min(Math.max(Math.ceil(wanted * ratio), 1), MOST_DRAFT_TOKENS);
  }
}

/**
 * What the draft is told of the request: its most probable tokens are wanted, and they shall not repeat what the target is
 * told not to repeat. All that names tokens by their ids is left out.
 */
function greedyDraft(sampling: SamplingParams): SamplingParams {
  const { seed, repetitionPenalty, presencePenalty, frequencyPenalty } = sampling;
  const penalties = { repetitionPenalty, presencePenalty, frequencyPenalty };
  return { temperature: 0, topK: 0, topP: 1, seed, draftMode: 'deterministic', ...penalties };
}
