// Prompt lookup decoding: what followed the text's last few tokens earlier, in the prompt or in what was generated, is
// proposed again. Costs no forward; pays where answers repeat their prompt (summaries, edits, code, quotes).
// Saxena 2023, github.com/apoorvumang/prompt-lookup-decoding.
import type { DraftPlan, Proposer, Sequence, TimedProposal } from '../round.js';
import { continuation } from './continuation.js';
import { lookedUp } from './looked-up.js';
import { MOST_LENGTH, Occurrences } from './occurrences.js';

/** n of the n-grams that are found, longest first. Single tokens match by chance; the long ones are found among many. */
const LENGTHS = [6, 2];
const FIRST_CAPACITY = 1024;

export class PromptLookup implements Proposer {
  #text: Occurrences;

  /** For one generation. */
  constructor(lengths: readonly number[] = LENGTHS) {
    this.#text = new Occurrences(lengths, FIRST_CAPACITY);
  }

  async warmUp({ tokens }: Sequence): Promise<void> {
    this.#extend(tokens);
  }

  /** An empty proposal when nothing matches. */
  async propose({ tokens }: Sequence, plan: DraftPlan): Promise<TimedProposal> {
    const startMs = performance.now();
    this.#extend(tokens);
    const found = this.#text.find(tokens.slice(-MOST_LENGTH));
    return lookedUp(continuation(found, plan, { loops: true }), startMs);
  }

  /** Enters what is new: the tokens can only have grown. */
  #extend(tokens: readonly number[]): void {
    if (tokens.length > this.#text.capacity) {
      let { capacity } = this.#text;
      while (capacity < tokens.length) capacity *= 2;
      this.#text = new Occurrences(this.#text.lengths, capacity);
    }
    for (let i = this.#text.size; i < tokens.length; i++) this.#text.append(tokens[i]!);
  }
}
