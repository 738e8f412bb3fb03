// Which token each row of the draft's head stands for. A reduced head covers the target's most frequent tokens only:
// the head is most of a small draft's cost.

export class Head {
  private readonly rows: Int32Array | undefined;

  /** @param tokenIds Token id of each head row; undefined when row i is token i. */
  constructor(
    readonly tokenIds: Uint32Array | undefined,
    vocabSize: number,
  ) {
    if (tokenIds === undefined) return;
    this.rows = new Int32Array(vocabSize).fill(-1);
    tokenIds.forEach((token, row) => {
      this.rows![token] = row;
    });
  }

  /** Head row of a token that this head can draft. */
  readonly rowOf = (token: number): number => (this.rows === undefined ? token : this.rows[token]!);
}
