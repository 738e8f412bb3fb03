// What may be chosen at the positions of one verification, as bits.

/** Where a generation stands. */
export interface GenerationPath {
  readonly generationId: string;
  /** Committed since the prompt. */
  readonly generated: readonly number[];
}

/** And what its draft says comes next. */
export interface MaskRequest extends GenerationPath {
  readonly drafted: readonly number[];
  /** An end token is allowed only where nothing else is (ignore_eos). */
  readonly avoidEnd: boolean;
}

/**
 * Row i sees the generated tokens and drafted[0 … i − 1]. There are fewer than drafted.length + 1 rows if the grammar
 * refuses a drafted token: its probability is 0, so no later row is ever sampled from.
 */
export interface MaskRows {
  readonly numRows: number;
  /** Bit b of word w of a row: token 32 · w + b is allowed. [numRows · rowLength] */
  readonly bits: Int32Array<ArrayBuffer>;
  /** ceil(vocabSize / 32) */
  readonly rowLength: number;
}

/** Row i of the masks; undefined beyond the last. */
export function maskRow({ bits, numRows, rowLength }: MaskRows, i: number): Int32Array | undefined {
  return i < numRows ? bits.subarray(i * rowLength, (i + 1) * rowLength) : undefined;
}

export function allowsNothing(row: Int32Array): boolean {
  return row.every((word) => word === 0);
}

/** Forbids the end tokens unless they are all that is allowed. */
export function avoidEnd(row: Int32Array, stopTokenIds: readonly number[]): void {
  const without = row.slice();
  for (const id of stopTokenIds) without[id >>> 5]! &= ~(1 << (id & 31));
  if (!allowsNothing(without)) row.set(without);
}
