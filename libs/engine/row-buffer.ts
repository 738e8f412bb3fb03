// Rows of numbers of a session's tensors, in memory that is kept from call to call and grows when it must.

export type RowValues = Uint16Array | Float32Array;

export class RowBuffer<Values extends RowValues> {
  private values: Values;
  /** Never written: for who has nothing to give. */
  private zeros: Values;

  constructor(private readonly allocate: (length: number) => Values) {
    this.values = allocate(0);
    this.zeros = allocate(0);
  }

  /** Memory to write so many numbers to; whatever was read of it before is gone. */
  take(length: number): Values {
    if (this.values.length < length) this.values = this.allocate(length);
    return this.values.subarray(0, length) as Values;
  }

  /**
   * The given rows end to end, zeros where there are none. One caller's own rows are handed on as they are.
   * @param counts Rows of each; `length` may be more than all of them.
   */
  join(
    given: readonly (Values | undefined)[],
    counts: readonly number[],
    width: number,
    length: number,
  ): Values {
    if (given.length === 1 && given[0]?.length === length) return given[0];
    if (given.every((rows) => rows === undefined)) return this.zerosOf(length);
    const joined = this.take(length).fill(0) as Values;
    let start = 0;
    for (const [i, rows] of given.entries()) {
      if (rows !== undefined) joined.set(rows, start);
      start += counts[i]! * width;
    }
    return joined;
  }

  private zerosOf(length: number): Values {
    if (this.zeros.length < length) this.zeros = this.allocate(length);
    return this.zeros.subarray(0, length) as Values;
  }
}
