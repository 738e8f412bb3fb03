// Which parts of a line of places are free: taken from the first gap that is wide enough, and joined when given back.

interface Span {
  start: number;
  end: number;
}

export class Spans {
  /** Ascending; no two touch. */
  readonly #free: Span[];
  #total: number;

  constructor(size: number) {
    this.#free = [{ start: 0, end: size }];
    this.#total = size;
  }

  /** Places that are free. */
  get total(): number {
    return this.#total;
  }

  /** How many times so many places side by side are free. */
  count(size: number): number {
    return this.#free.reduce((sum, { start, end }) => sum + Math.floor((end - start) / size), 0);
  }

  /** The start of so many places side by side; undefined if there are none. */
  take(size: number): number | undefined {
    const at = this.#free.findIndex(({ start, end }) => end - start >= size);
    const span = this.#free[at];
    if (span === undefined) return undefined;
    const { start } = span;
    span.start += size;
    if (span.start === span.end) this.#free.splice(at, 1);
    this.#total -= size;
    return start;
  }

  /** @throws RangeError if some of them are free already: whoever gives twice would lend the same places to two. */
  give(start: number, size: number): void {
    const end = start + size;
    const found = this.#free.findIndex((span) => span.start >= start);
    const at = found < 0 ? this.#free.length : found;
    const [before, after] = [this.#free[at - 1], this.#free[at]];
    if ((before && before.end > start) || (after && after.start < end))
      throw new RangeError(`The places ${start} to ${end} are free already.`);
    this.#total += size;
    const joinsBefore = before?.end === start;
    const joinsAfter = after?.start === end;
    if (joinsBefore && joinsAfter) {
      before.end = after.end;
      this.#free.splice(at, 1);
    } else if (joinsBefore) before.end = end;
    else if (joinsAfter) after.start = start;
    else this.#free.splice(at, 0, { start, end });
  }
}
