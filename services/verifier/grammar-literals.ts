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
  /** What is forced where the sequence has so many tokens. */
  #looked = { literal: Promise.resolve(''), length: 0 };

  constructor(
    private readonly grammar: LiteralGrammar,
    private readonly tokens: LiteralTokens,
  ) {}

  /** The first masks compile the grammar. */
  async warmUp(): Promise<void> {}

  async propose(sequence: Sequence, plan: DraftPlan): Promise<TimedProposal> {
    const startMs = performance.now();
    const literal = await this.#literal(sequence);
    const { tokens, confidences } = this.tokens.draft(this.#scope(sequence), literal, plan.maxTokens);
    const proposal = tokens.length === 0 ? EMPTY_PROPOSAL : deterministicProposal(tokens);
    return { proposal, confidences, computeMs: performance.now() - startMs };
  }

  /**
   * A source without what contradicts a forced text. Only certain choices are cut: a token that was drawn may not be dropped
   * for what it is (docs/decisions/0011).
   */
  within(source: Proposer): Proposer {
    return {
      ...(source.warmUp && { warmUp: source.warmUp.bind(source) }),
      propose: async (sequence, plan, signal) => {
        const asked = this.#literal(sequence);
        const answer = await source.propose(sequence, plan, signal);
        const { proposal, confidences = [] } = answer;
        if (proposal.mode !== 'deterministic') return answer;
        const length = this.tokens.agreeing(await asked, proposal.tokens);
        if (length === proposal.tokens.length) return answer;
        return {
          ...answer,
          proposal:
            length === 0 ? EMPTY_PROPOSAL : deterministicProposal(proposal.tokens.subarray(0, length)),
          confidences: Array.from(confidences).slice(0, length),
        };
      },
    };
  }

  /** Asked for once a round. What came where the last one was forced is learnt then. */
  #literal(sequence: Sequence): Promise<string> {
    const { tokens } = sequence;
    const { literal: last, length } = this.#looked;
    if (tokens.length === length) return last;
    const since = tokens.slice(length);
    const scope = this.#scope(sequence);
    const literal = last.then((text) => {
      this.tokens.learn(scope, text, since);
      // What is wrong with a grammar is for its masks to say.
      return this.grammar.literal(sequence).catch(() => '');
    });
    this.#looked = { literal, length: tokens.length };
    return literal;
  }

  /** Learnt tokens say that somebody asked with the same grammar: not to others. */
  #scope({ cacheSalt = '' }: Sequence): string {
    return `${cacheSalt}\n${this.grammar.key}`;
  }
}
