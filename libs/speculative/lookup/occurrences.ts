// Where the end of a text occurred before, in an append-only text of tokens. Hash chains as in LZ77: each n-gram's last
// place, and from each place the one before it. A token costs some ten machine operations and
// 4 + 8 · |lengths| bytes, and a lookup never scans the text. SuffixDecoding (arXiv 2411.04975) keeps a suffix tree instead,
// with the same answers and several times the memory.

/** Between two texts in one index; matches neither begin before it nor go on behind it. */
export const GAP = -1;

/** One place where the text that is looked up occurred. */
export interface Occurrence {
  readonly text: Occurrences;
  /** Index of the token that followed. */
  readonly next: number;
  /** Tokens before it that agree; at least the n-gram's, at most MOST_LENGTH. */
  readonly length: number;
}

/** Longer agreement says nothing more. */
export const MOST_LENGTH = 64;
/** Only the newest places are looked at: a text that says one thing a thousand times must not cost a thousand steps. */
export const MOST_PLACES = 64;
const SEED = 0x9e3779b9;

interface Chain {
  readonly length: number;
  /** Slot of a hash → 1 + index of the token after the n-gram's last occurrence; 0: none. Power of two long. */
  readonly heads: Int32Array;
  /** Index of a token → 1 + index of the token after the occurrence before. */
  readonly previous: Int32Array;
}

export class Occurrences {
  readonly #tokens: Int32Array;
  readonly #chains: readonly Chain[];
  #size = 0;
  /** Tokens since the last gap. */
  #run = 0;

  /**
   * @param lengths n of the n-grams that are entered, longest first.
   * @param capacity Most tokens, a power of two.
   */
  constructor(
    readonly lengths: readonly number[],
    readonly capacity: number,
  ) {
    this.#tokens = new Int32Array(capacity);
    this.#chains = lengths.map((length) => ({
      length,
      heads: new Int32Array(capacity),
      previous: new Int32Array(capacity),
    }));
  }

  static bytes(lengths: readonly number[], capacity: number): number {
    return 4 * capacity * (1 + 2 * lengths.length);
  }

  get size(): number {
    return this.#size;
  }

  /** GAP behind the end. */
  at(index: number): number {
    return index < this.#size ? this.#tokens[index]! : GAP;
  }

  /** There must be room. */
  append(token: number): void {
    const next = this.#size++;
    this.#tokens[next] = token;
    if (token === GAP) {
      this.#run = 0;
      return;
    }
    for (const { length, heads, previous } of this.#chains) {
      if (length > this.#run) continue;
      const slot = this.#hash(this.#tokens, next, length);
      previous[next] = heads[slot]!;
      heads[slot] = next + 1;
    }
    this.#run++;
  }

  /** Of the longest n-gram that ends `text` and occurred, the last places, newest first. Empty if none did. */
  find(text: ArrayLike<number>): Occurrence[] {
    for (const chain of this.#chains) {
      const found = chain.length <= text.length ? this.#walk(chain, text) : [];
      if (found.length > 0) return found;
    }
    return [];
  }

  #walk({ length: least, heads, previous }: Chain, text: ArrayLike<number>): Occurrence[] {
    const found: Occurrence[] = [];
    let link = heads[this.#hash(text, text.length, least)]!;
    for (let step = 0; link > 0 && step < MOST_PLACES; step++) {
      const next = link - 1;
      const length = this.#agreement(next, text);
      if (length >= least) found.push({ text: this, next, length });
      link = previous[next]!;
    }
    return found;
  }

  /** How many tokens before `next` are those that end the text. Hashes collide, so that it may be none. */
  #agreement(next: number, text: ArrayLike<number>): number {
    const most = Math.min(MOST_LENGTH, next, text.length);
    let length = 0;
    // No token of a text is a GAP, so none is passed.
    while (length < most && this.#tokens[next - 1 - length] === text[text.length - 1 - length]) length++;
    return length;
  }

  /** Of the tokens before `end`. */
  #hash(tokens: ArrayLike<number>, end: number, length: number): number {
    let hash = SEED;
    for (let i = 1; i <= length; i++) {
      hash = Math.imul(hash ^ tokens[end - i]!, 0x85ebca6b);
      hash ^= hash >>> 15;
    }
    return hash & (this.capacity - 1);
  }
}
