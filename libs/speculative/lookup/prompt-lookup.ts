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

  /** An empty proposal when nothing matches. */
  async propose({ tokens }: Sequence, { maxTokens }: DraftPlan): Promise<TimedProposal> {
    const startMs = performance.now();
    this.#index.extend(tokens);
    const match = this.#index.find(tokens);
    const proposal =
      match === undefined ? EMPTY_PROPOSAL : deterministicProposal(continued(tokens, match.next, maxTokens));
    return { proposal, computeMs: performance.now() - startMs };
  }
}

/** Past the end of the text the continuation reads itself: a text that repeats goes on repeating. */
function continued(tokens: readonly number[], start: number, count: number): number[] {
  const drafted: number[] = [];
  for (let i = start; drafted.length < count; i++)
    drafted.push(i < tokens.length ? tokens[i]! : drafted[i - tokens.length]!);
  return drafted;
}
