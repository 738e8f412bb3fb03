// One matcher and the tokens it has accepted. A caller names the whole path it wants; the matcher goes back to where the
// two part and on from there. So tokens that were only looked at, and rejected ones, leave no trace.
import type { GrammarMatcher } from '@mlc-ai/web-xgrammar';

export class TokenPath {
  readonly #accepted: number[] = [];

  constructor(private readonly matcher: GrammarMatcher) {}

  /** Goes to the end of `tokens`. Returns how many of them the grammar accepts: fewer if it stopped at one it refuses. */
  follow(tokens: readonly number[]): number {
    let common = 0;
    while (common < tokens.length && this.#accepted[common] === tokens[common]) common++;
    const surplus = this.#accepted.length - common;
    if (surplus > 0) this.matcher.rollBack(surplus);
    this.#accepted.length = common;
    for (let i = common; i < tokens.length; i++) if (!this.push(tokens[i]!)) return i;
    return tokens.length;
  }

  /** False if the grammar doesn't allow the token here; the path then stays as it was. */
  push(token: number): boolean {
    if (this.isEnded || !this.matcher.acceptToken(token)) return false;
    this.#accepted.push(token);
    return true;
  }

  /** After an end token nothing more is said. */
  get isEnded(): boolean {
    return this.matcher.isTerminated();
  }

  /** Bit i of word j: token 32 · j + i is allowed next. [ceil(vocabSize / 32)] */
  mask(): Promise<Int32Array> {
    return this.matcher.getNextTokenBitmask();
  }

  /** The text that the grammar leaves no choice about; how tokens cut it up is open. */
  literal(): string {
    if (this.isEnded) return '';
    // A first byte that several characters share comes as some character of its own.
    return this.matcher.findJumpForwardString().replace(/[^\0-\x7f]$/u, '');
  }

  dispose(): void {
    this.matcher.dispose();
  }
}
