// Where an n-gram of a growing token sequence occurred last, for several n at once. Incremental: each token is entered
// once for each n, so that a lookup never scans the sequence (prompt lookup decoding; algorithms.md §2).

export interface NgramRange {
  /** Shortest and longest n. 1 ≤ min ≤ max */
  readonly min: number;
  readonly max: number;
}

export interface NgramMatch {
  /** Index of the token that followed the earlier occurrence. */
  readonly next: number;
  /** n of the longest n-gram that ends the sequence and occurred before; at most the range's max. */
  readonly length: number;
}

export class NgramIndex {
  readonly #range: NgramRange;
  /** One table for each n: hash of an n-gram → index of the token after its last occurrence. */
  readonly #tables: readonly Map<number, number>[];
  /** Tokens entered: every n-gram that ends before this index. */
  #size = 0;

  constructor(range: NgramRange) {
    this.#range = range;
    this.#tables = Array.from({ length: range.max - range.min + 1 }, () => new Map());
  }

  /** Enters what is new. `tokens` may only have grown since the last call. */
  extend(tokens: readonly number[]): void {
    // The n-gram that ends the sequence has no successor yet, and would only ever find itself.
    for (let next = Math.max(this.#size, 1); next < tokens.length; next++) {
      let hash = SEED;
      for (let n = 1; n <= this.#range.max && n <= next; n++) {
        hash = mixed(hash, tokens[next - n]!);
        if (n >= this.#range.min) this.#tables[n - this.#range.min]!.set(hash, next);
      }
    }
    this.#size = Math.max(this.#size, tokens.length);
  }

  /** The last earlier occurrence of the longest n-gram that ends `tokens`, which must have been entered. */
  find(tokens: readonly number[]): NgramMatch | undefined {
    const longest = Math.min(this.#range.max, tokens.length - 1);
    let hash = SEED;
    let best: NgramMatch | undefined;
    for (let n = 1; n <= longest; n++) {
      hash = mixed(hash, tokens[tokens.length - n]!);
      if (n < this.#range.min) continue;
      const next = this.#tables[n - this.#range.min]!.get(hash);
      // A longer n-gram has occurred only if the shorter one has.
      if (next === undefined || !endsAlike(tokens, next, n)) break;
      best = { next, length: n };
    }
    return best;
  }
}

const SEED = 0x9e3779b9;

/** Hashes collide, and a later n-gram then hides an earlier one: matches are checked token by token. */
function endsAlike(tokens: readonly number[], next: number, n: number): boolean {
  for (let i = 1; i <= n; i++) if (tokens[next - i] !== tokens[tokens.length - i]) return false;
  return true;
}

function mixed(hash: number, token: number): number {
  const h = Math.imul(hash ^ token, 0x85ebca6b);
  return (h ^ (h >>> 15)) | 0;
}
