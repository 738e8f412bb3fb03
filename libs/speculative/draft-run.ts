// The drafting of one round, a token at a time, each drawn from exactly the law q that the verifier is told
// (architecture.md, F). A run depends on the committed tokens, the sampling parameters and the model alone: how much of
// it is wanted decides only where it is cut. So it may be drawn before anybody asks (docs/decisions/0017).
import {
  changesLogits,
  type Distribution,
  deterministicProposal,
  draftDistribution,
  drawDraft,
  History,
  keyedRandom,
  NothingAllowedError,
  type Proposal,
  processLogits,
  type RoundRandom,
  rawProbability,
  type SamplingParams,
  sampledProposal,
  sendsLaws,
} from '#libs/sampling/index.js';
import type { DraftPlan } from './round.js';

/** Which token each logit stands for, where the output layer covers a part of the vocabulary. */
export interface DraftHead {
  /** Undefined when row i is token i. */
  readonly tokenIds: Uint32Array | undefined;
  /** Row of a token; below 0 if the head cannot draft it. */
  readonly rowOf: (token: number) => number;
}

export const WHOLE_HEAD: DraftHead = { tokenIds: undefined, rowOf: (token) => token };

export interface DraftedTokens {
  readonly proposal: Proposal;
  /** Raw probability of each drafted token. */
  readonly confidences: readonly number[];
}

export interface DraftStart {
  /** The committed tokens; read only while the run is made. */
  readonly tokens: readonly number[];
  readonly promptLength: number;
  readonly sampling: SamplingParams;
  readonly head: DraftHead;
}

export class DraftRun {
  /** Drawn so far. */
  readonly tokens: number[] = [];
  readonly #start: Omit<DraftStart, 'tokens' | 'promptLength'>;
  readonly #firstPosition: number;
  readonly #random: RoundRandom;
  readonly #history: History | undefined;
  readonly #laws: Distribution[] = [];
  readonly #confidences: number[] = [];
  #isOver = false;

  constructor({ tokens, promptLength, ...start }: DraftStart) {
    this.#start = start;
    this.#firstPosition = tokens.length;
    this.#random = keyedRandom(start.sampling.seed, tokens.length);
    this.#history = changesLogits(start.sampling) ? new History([...tokens], promptLength) : undefined;
  }

  /**
   * Draws the next token; undefined if nothing that is allowed is in this head: the target decides alone, and the run is over.
   * @param logits Behind the tokens drawn so far. [head rows]
   */
  draw(logits: Float32Array): number | undefined {
    const { sampling, head } = this.#start;
    const row = this.#processed(logits);
    if (row === undefined) {
      this.#isOver = true;
      return undefined;
    }
    const law = draftDistribution(row, sampling, head.tokenIds);
    const token = drawDraft(law, sampling, this.#firstPosition + this.tokens.length, this.#random);
    this.tokens.push(token);
    this.#history?.push(token);
    this.#laws.push(law);
    this.#confidences.push(rawProbability(logits, head.rowOf(token)));
    return token;
  }

  /** How many of the drawn tokens answer a plan; undefined if more must be drawn. */
  lengthFor({ maxTokens, minConfidence, minReach = 0 }: DraftPlan): number | undefined {
    let reach = 1;
    for (let i = 0; i < this.tokens.length && i < maxTokens; i++) {
      const confidence = this.#confidences[i]!;
      reach *= confidence;
      // Stops AFTER the doubtful token: dropping what was already drawn would bias the output.
      if (confidence < minConfidence || reach < minReach) return i + 1;
    }
    if (this.tokens.length >= maxTokens) return Math.max(0, maxTokens);
    return this.#isOver ? this.tokens.length : undefined;
  }

  /** The first `length` tokens as they are proposed. */
  proposed(length: number): DraftedTokens {
    const tokens = this.tokens.slice(0, length);
    return {
      proposal: sendsLaws(this.#start.sampling)
        ? sampledProposal(tokens, this.#laws.slice(0, length))
        : deterministicProposal(tokens),
      confidences: this.#confidences.slice(0, length),
    };
  }

  /** The row after bias, forbidden tokens and penalties; undefined if they forbid all that this head can draft. */
  #processed(logits: Float32Array): Float32Array | undefined {
    if (this.#history === undefined) return logits;
    const { sampling, head } = this.#start;
    try {
      return processLogits(logits, sampling, this.#history, { rowOf: head.rowOf });
    } catch (error) {
      if (error instanceof NothingAllowedError) return undefined;
      throw error;
    }
  }
}
