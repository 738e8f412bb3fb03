// From committed tokens to the text a client sees: decodes, finds stop strings across chunks, ends at an end token.
// Fed token by token, because usage counts tokens up to the one that completed a stop string.
import type { IncrementalDecoder, StopMatcher } from '#libs/tokenizer/index.js';

export interface TextPiece {
  readonly text: string;
  /** Tokens consumed: all, or up to the one that stopped the text. */
  readonly numTokens: number;
  readonly stopped: boolean;
  /** The stop string that ended the text; absent when anything else did. */
  readonly stopString?: string;
}

export class CompletionText {
  readonly #endTokens: ReadonlySet<number>;
  readonly #stopTokens: ReadonlySet<number>;

  constructor(
    private readonly decoder: Pick<IncrementalDecoder, 'push' | 'flush'>,
    private readonly stops: Pick<StopMatcher, 'push' | 'flush'>,
    /** End the text and are not part of it. */
    endTokens: Iterable<number>,
    /** End the text as its last part. */
    stopTokens: Iterable<number> = [],
  ) {
    this.#endTokens = new Set(endTokens);
    this.#stopTokens = new Set(stopTokens);
  }

  push(tokens: readonly number[]): TextPiece {
    let text = '';
    for (let i = 0; i < tokens.length; i++) {
      const token = tokens[i]!;
      if (this.#endTokens.has(token)) return { text: text + this.flush(), numTokens: i + 1, stopped: true };
      const found = this.stops.push(this.decoder.push([token]));
      text += found.text;
      if (found.stopped !== undefined)
        return { text, numTokens: i + 1, stopped: true, stopString: found.stopped };
      if (this.#stopTokens.has(token)) return { text: text + this.flush(), numTokens: i + 1, stopped: true };
    }
    return { text, numTokens: tokens.length, stopped: false };
  }

  /** What is held back when no more tokens come; an unfinished character shows as U+FFFD. */
  flush(): string {
    const found = this.stops.push(this.decoder.flush());
    return found.stopped === undefined ? found.text + this.stops.flush() : found.text;
  }
}
