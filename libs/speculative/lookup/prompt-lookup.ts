// Prompt lookup decoding: what followed the text's last few tokens earlier, in the prompt or in what was generated, is
// proposed again. Costs no forward; pays where answers repeat their prompt (summaries, edits, code, quotes).
// Saxena 2023, github.com/apoorvumang/prompt-lookup-decoding.
import { deterministicProposal, EMPTY_PROPOSAL } from '#libs/sampling/index.js';
import type { DraftPlan, Proposer, Sequence, TimedProposal } from '../round.js';
import { NgramIndex, type NgramRange } from './ngram-index.js';

/** Shorter matches are mostly chance; longer ones than the longest say nothing more. */
const NGRAMS: NgramRange = { min: 2, max: 6 };

export class PromptLookup implements Proposer {
  readonly #index: NgramIndex;

  /** For one generation. */
  constructor(range: NgramRange = NGRAMS) {
    this.#index = new NgramIndex(range);
  }

  async warmUp({ tokens }: Sequence): Promise<void> {
    this.#index.extend(tokens);
  }

  /** An empty proposal when nothing matches. */
  async propose({ tokens }: Sequence, plan: DraftPlan): Promise<TimedProposal> {
    const startMs = performance.now();
    this.#index.extend(tokens);
    const match = this.#index.find(tokens);
    if (match === undefined) return { proposal: EMPTY_PROPOSAL, computeMs: performance.now() - startMs };
    const confidence = chance(match.length);
    const drafted = continued(tokens, match.next, numTokens(confidence, plan));
    return {
      proposal: deterministicProposal(drafted),
      computeMs: performance.now() - startMs,
      confidences: drafted.map(() => confidence),
    };
  }
}

/** A guess at how often the next token of a match of this length is right; the controller calibrates it. */
function chance(length: number): number {
  return length / (length + 3);
}

/** As a draft model stops: after the token that it doubts. */
function numTokens(confidence: number, { maxTokens, minConfidence, minReach = 0 }: DraftPlan): number {
  if (confidence < minConfidence) return Math.min(1, maxTokens);
  let count = 0;
  for (let reach = 1; count < maxTokens && reach >= minReach; count++) reach *= confidence;
  return count;
}

/** Past the end of the text the continuation reads itself: a text that repeats goes on repeating. */
function continued(tokens: readonly number[], start: number, count: number): number[] {
  const drafted: number[] = [];
  for (let i = start; drafted.length < count; i++)
    drafted.push(i < tokens.length ? tokens[i]! : drafted[i - tokens.length]!);
  return drafted;
}
