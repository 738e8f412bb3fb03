// From committed tokens to the text a client sees: decodes, finds stop strings across chunks, ends at an end token.
// Fed token by token, because usage counts tokens up to the one that completed a stop string.
import type { IncrementalDecoder, StopMatcher } from '#libs/tokenizer/index.js';

export interface TextPiece {
  readonly text: string;
  /** Tokens consumed: all, or up to the one that stopped the text. */
  readonly numTokens: number;
  readonly stopped: boolean;
  /** Where each consumed token begins in the text, held back or not: in code points. [numTokens] */
  readonly offsets: readonly number[];
  /** The stop string that ended the text; absent when anything else did. */
  readonly stopString?: string;
}

export interface CompletionTextOptions {
  readonly decoder: Pick<IncrementalDecoder, 'push' | 'flush'>;
  readonly stops: Pick<StopMatcher, 'push' | 'flush'>;
  /** End the text and are not part of it. */
  readonly endTokens: Iterable<number>;
  /** End the text as its last part. */
  readonly stopTokens?: Iterable<number>;
  /** What ends the text is part of it. Default false. */
  readonly includesStop?: boolean;
}

export class CompletionText {
  readonly #endTokens: ReadonlySet<number>;
  readonly #stopTokens: ReadonlySet<number>;
  /** Code points decoded so far. */
  #length = 0;

  constructor(private readonly options: CompletionTextOptions) {
    this.#endTokens = new Set(options.endTokens);
    this.#stopTokens = new Set(options.stopTokens ?? []);
  }

  push(tokens: readonly number[]): TextPiece {
    const { includesStop = false } = this.options;
    const offsets: number[] = [];
    let text = '';
    for (const token of tokens) {
      offsets.push(this.#length);
      const isEnd = this.#endTokens.has(token);
      if (!isEnd || includesStop) {
        const found = this.#take(token);
        text += found.text;
        if (found.stopped) {
          const { stopString } = found;
          return { text, numTokens: offsets.length, stopped: true, offsets, stopString };
        }
      }
      if (isEnd || this.#stopTokens.has(token))
        return { text: text + this.flush(), numTokens: offsets.length, stopped: true, offsets };
    }
    return { text, numTokens: tokens.length, stopped: false, offsets };
  }

  /** What is held back when no more tokens come; an unfinished character shows as U+FFFD. */
  flush(): string {
    const { decoder, stops } = this.options;
    const found = this.#found(decoder.flush());
    return found.stopped ? found.text : found.text + stops.flush();
  }

  #take(token: number): Found {
    const decoded = this.options.decoder.push([token]);
    for (const _ of decoded) this.#length++;
    return this.#found(decoded);
  }

  #found(decoded: string): Found {
    const { text, stopped } = this.options.stops.push(decoded);
    if (stopped === undefined) return { text, stopped: false };
    return { text: this.options.includesStop ? text + stopped : text, stopped: true, stopString: stopped };
  }
}

type Found =
  | { readonly text: string; readonly stopped: false }
  | { readonly text: string; readonly stopped: true; readonly stopString: string };
