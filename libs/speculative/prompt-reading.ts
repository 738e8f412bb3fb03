// Sources that read a prompt beside the rounds. Where sessions share the target, a draft has the prompts of others to read
// too: until it is through, rounds go on without it rather than wait.
import type { ChainSource } from './draft-source.js';
import type { Sequence } from './round.js';
import { warmUp } from './warm-up.js';

/** Tokens that a draft may find new without its answer taking noticeably longer. */
const FEW = 64;

export class PromptReading {
  /** Ends all reading. Until it is known nothing is read beside. */
  until: AbortSignal | undefined;
  readonly #underWay = new Set<ChainSource>();
  /** How many tokens each source was last given. */
  readonly #known = new Map<ChainSource, number>();

  begin(source: ChainSource, sequence: Sequence): void {
    if (this.until === undefined) return;
    this.#underWay.add(source);
    this.#known.set(source, sequence.tokens.length);
    const done = () => void this.#underWay.delete(source);
    // What fails here fails again, and is told, when a proposal is asked for.
    warmUp(source.proposer, sequence, this.until).then(done, done);
  }

  /** Whether the source may be asked now; if it hasn't read the text yet, it begins to. */
  isDone(source: ChainSource, sequence: Sequence): boolean {
    if (this.#underWay.has(source)) return false;
    const { length } = sequence.tokens;
    const isNews = this.until !== undefined && length - (this.#known.get(source) ?? 0) > FEW;
    if (isNews) this.begin(source, sequence);
    else this.#known.set(source, length);
    return !isNews;
  }
}
