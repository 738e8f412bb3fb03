// Drafts what the grammar forces: a source that costs a message to the grammar's thread. Its tokens are certain choices (q
// is one-hot), a function of committed tokens alone, and verified like any others: the grammar forces a text, while its
// tokens are the target's to choose.
import type { LiteralTokens } from '#libs/grammar/index.js';
import { deterministicProposal, EMPTY_PROPOSAL } from '#libs/sampling/index.js';
import type { DraftPlan, Proposer, Sequence, TimedProposal } from '#libs/speculative/index.js';

/** What is asked of a generation's grammar. */
export interface LiteralGrammar {
  /** The text that must come next, or nothing. */
  literal(sequence: Sequence): Promise<string>;
  /** Names the grammar, the same for all generations that have it. */
  readonly key: string;
}

export class GrammarLiterals implements Proposer {
  /** What was forced when the sequence had so many tokens. */
  #looked = { literal: '', length: 0 };

  constructor(
    private readonly grammar: LiteralGrammar,
    private readonly tokens: LiteralTokens,
  ) {}

  /** The first masks compile the grammar. */
  async warmUp(): Promise<void> {}

  async propose(sequence: Sequence, plan: DraftPlan): Promise<TimedProposal> {
    const startMs = performance.now();
    // Learnt tokens say when somebody asked with the same grammar: not to others.
    const scope = `${sequence.cacheSalt ?? ''}\n${this.grammar.key}`;
    const { literal: last, length } = this.#looked;
    this.tokens.learn(scope, last, sequence.tokens.slice(length));
    // What is wrong with a grammar is for its masks to say.
    const literal = await this.grammar.literal(sequence).catch(() => '');
    this.#looked = { literal, length: sequence.tokens.length };
    const { tokens, confidences } = this.tokens.draft(scope, literal, plan.maxTokens);
    const proposal = tokens.length === 0 ? EMPTY_PROPOSAL : deterministicProposal(tokens);
    return { proposal, confidences, computeMs: performance.now() - startMs };
  }
}
