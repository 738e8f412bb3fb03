// The tokens before a position, as penalties, bad words and min tokens see them. Row i of a verification sees the
// committed tokens and drafted[0 … i−1]: so the history grows and shrinks by single tokens instead of being counted anew.

/** Token id → how often it occurs; ids that don't occur have no entry. */
export type TokenCounts = ReadonlyMap<number, number>;

export class History {
  readonly #committed: readonly number[];
  readonly #committedLength: number;
  readonly #added: number[] = [];
  // Counted on first use: a request that penalises nothing never pays for it.
  #seen: Map<number, number> | undefined;
  #generated: Map<number, number> | undefined;

  /**
   * @param committed Prompt and generated tokens. Kept by reference; tokens appended to it later don't count.
   * @param promptLength How many of them are the prompt: the client's, also after a verifier was replaced.
   */
  constructor(
    committed: readonly number[],
    readonly promptLength: number,
  ) {
    if (!Number.isInteger(promptLength) || promptLength < 0 || promptLength > committed.length)
      throw new RangeError(
        `The prompt length is ${promptLength}; it must be a whole number from 0 to the ${committed.length} tokens of the history.`,
      );
    this.#committed = committed;
    this.#committedLength = committed.length;
  }

  get length(): number {
    return this.#committedLength + this.#added.length;
  }

  get generatedLength(): number {
    return this.length - this.promptLength;
  }

  /** Undefined outside 0 … length − 1. */
  tokenAt(position: number): number | undefined {
    return position < this.#committedLength
      ? this.#committed[position]
      : this.#added[position - this.#committedLength];
  }

  /** Tokens of the prompt and of what was generated. Live: changes with the history. */
  get seen(): TokenCounts {
    this.#seen ??= this.#countFrom(0);
    return this.#seen;
  }

  /** Tokens of what was generated. Live: changes with the history. */
  get generated(): TokenCounts {
    this.#generated ??= this.#countFrom(this.promptLength);
    return this.#generated;
  }

  push(token: number): void {
    this.#added.push(token);
    if (this.#seen !== undefined) increment(this.#seen, token);
    if (this.#generated !== undefined) increment(this.#generated, token);
  }

  /** Takes the last pushed token back; undefined if there is none. Committed tokens stay. */
  pop(): number | undefined {
    const token = this.#added.pop();
    if (token === undefined) return undefined;
    if (this.#seen !== undefined) decrement(this.#seen, token);
    if (this.#generated !== undefined) decrement(this.#generated, token);
    return token;
  }

  /** Replaces what was pushed by drafted[0 … count − 1]: the history that row `count` of a verification sees. */
  continueWith(drafted: ArrayLike<number>, count: number): this {
    while (this.pop() !== undefined);
    for (let i = 0; i < count; i++) this.push(drafted[i]!);
    return this;
  }

  #countFrom(start: number): Map<number, number> {
    const counts = new Map<number, number>();
    for (let position = start; position < this.#committedLength; position++)
      increment(counts, this.#committed[position]!);
    for (const token of this.#added) increment(counts, token);
    return counts;
  }
}

function increment(counts: Map<number, number>, token: number): void {
  counts.set(token, (counts.get(token) ?? 0) + 1);
}

function decrement(counts: Map<number, number>, token: number): void {
  const count = counts.get(token)!;
  if (count > 1) counts.set(token, count - 1);
  else counts.delete(token);
}
