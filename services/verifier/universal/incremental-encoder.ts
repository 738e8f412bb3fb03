// The tokens of a growing text, without encoding all of it again. How a text is cut into tokens depends on what follows, but
// not on what follows far away: only a window at its end is encoded anew, and now and then its beginning is settled.
// A cut is taken where two halves encoded apart give the tokens of the whole.

/** Characters of the window that are never settled: what comes may still change their tokens. */
const UNSETTLED = 48;
/** The window is cut when it gets longer than this. */
const MOST_WINDOW = 2 * UNSETTLED;
/** Without a good cut, the window is cut anywhere at this length: costs are bounded, and only the draft sees it. */
const LONGEST_WINDOW = 4096;
/** Longer texts are read in pieces of this length. */
const PIECE = 2048;
const MOST_CUTS_TRIED = 4;
/** Where words end: tokenizers look for tokens within words. */
const WORD_END = /(?<=\p{L})(?=[^\p{L}\p{M}\p{N}'’_])/gu;

export class IncrementalEncoder {
  readonly tokens: number[] = [];
  #window = '';
  #windowStart = 0;
  /** No cut is looked for before the window is so long: looking in vain must not cost every time. */
  #nextCut = MOST_WINDOW;

  constructor(private readonly encode: (text: string) => readonly number[]) {}

  /** How many of the tokens will never change. */
  get settledLength(): number {
    return this.#windowStart;
  }

  append(text: string): void {
    for (let at = 0; at < text.length; ) {
      const end = codePointStart(text, Math.min(at + PIECE, text.length));
      this.#grow(text.slice(at, end));
      at = end;
    }
  }

  /** Ends the text before it and begins another one behind it. */
  put(token?: number): void {
    if (token !== undefined) this.tokens.push(token);
    this.#window = '';
    this.#windowStart = this.tokens.length;
    this.#nextCut = MOST_WINDOW;
  }

  #grow(text: string): void {
    this.#window += text;
    this.tokens.length = this.#windowStart;
    for (const token of this.encode(this.#window)) this.tokens.push(token);
    if (this.#window.length <= this.#nextCut) return;
    const isCut = this.#cutAtWordEnd();
    if (!isCut && this.#window.length > LONGEST_WINDOW) this.#cutAnywhere();
    this.#nextCut = isCut ? MOST_WINDOW : Math.min(2 * this.#window.length, LONGEST_WINDOW);
  }

  #cutAtWordEnd(): boolean {
    const settled = this.#window.slice(0, -UNSETTLED);
    const ends = [...settled.matchAll(WORD_END)].slice(-MOST_CUTS_TRIED).reverse();
    return ends.some(({ index }) => {
      const left = this.encode(this.#window.slice(0, index));
      const right = this.#window.slice(index);
      // Tokenizers that put a space before every text get it back from the one that is left out here.
      const rights = right.startsWith(' ') ? [right, right.slice(1)] : [right];
      const fitting = rights.find((each) => this.#isWindow(left, this.encode(each)));
      if (fitting === undefined) return false;
      this.#windowStart += left.length;
      this.#window = fitting;
      return true;
    });
  }

  #cutAnywhere(): void {
    const at = codePointStart(this.#window, this.#window.length - UNSETTLED);
    const left = this.encode(this.#window.slice(0, at));
    this.#window = this.#window.slice(at);
    this.tokens.length = this.#windowStart;
    for (const token of left) this.tokens.push(token);
    this.#windowStart = this.tokens.length;
    for (const token of this.encode(this.#window)) this.tokens.push(token);
  }

  #isWindow(left: readonly number[], right: readonly number[]): boolean {
    const { tokens } = this;
    const start = this.#windowStart;
    if (left.length + right.length !== tokens.length - start) return false;
    const middle = start + left.length;
    return (
      left.every((token, i) => token === tokens[start + i]) &&
      right.every((token, i) => token === tokens[middle + i])
    );
  }
}

/** The same place, or one before it if a surrogate pair would be cut. */
function codePointStart(text: string, at: number): number {
  const code = text.charCodeAt(at);
  return code >= 0xdc00 && code <= 0xdfff ? at - 1 : at;
}
