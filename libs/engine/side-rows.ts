// Rows that go into a forward, or come out of it, beside tokens and logits: what a target knows (features), and what the draft
// that reads it makes of them. All belong to the caller; whoever asks for none pays nothing. See docs/decisions/0023.

/** One forward's, or one work's. */
export interface SideRows {
  readonly reads?: ReadRows | undefined;
  readonly writes?: WrittenRows | undefined;
}

/** What a feature draft reads of each token; what is left out is zero. */
export interface ReadRows {
  /** The target's features of the position before. [tokens, width] float16 */
  readonly features?: Uint16Array | undefined;
  /** The draft's own state of the position before. [tokens, hiddenSize] */
  readonly own?: Float32Array | undefined;
}

/** What a forward fills. */
export interface WrittenRows {
  /** A target's features of the last tokens, of so many as there is room for. [up to tokens, width] float16 */
  readonly features?: Uint16Array | undefined;
  /** A feature draft's states of the tokens whose logits are wanted. [rows, hiddenSize] */
  readonly states?: Float32Array | undefined;
}

/** Numbers a row of what a graph gives and reads; 0: it has no such rows. */
export interface SideWidths {
  /** That it gives. */
  readonly features: number;
  /** That it reads. */
  readonly readFeatures: number;
  /** Of `own` and `states`. */
  readonly states: number;
}

export const NO_SIDE_ROWS: SideWidths = { features: 0, readFeatures: 0, states: 0 };

/** Some of a work's tokens. */
export interface Piece {
  readonly start: number;
  readonly count: number;
  /** Tokens of the whole work. */
  readonly total: number;
}

/** What of the rows belongs to a piece; states belong to the last. */
export function pieceOf({ reads, writes }: SideRows, piece: Piece, featureWidth: number): SideRows {
  return {
    reads: reads && readPiece(reads, piece),
    writes: writes && writtenPiece(writes, piece, featureWidth),
  };
}

function readPiece({ features, own }: ReadRows, { start, count, total }: Piece): ReadRows {
  const part = <Rows extends Uint16Array | Float32Array>(rows: Rows): Rows => {
    const width = rows.length / total;
    return rows.subarray(start * width, (start + count) * width) as Rows;
  };
  return { features: features && part(features), own: own && part(own) };
}

function writtenPiece(
  { features, states }: WrittenRows,
  { start, count, total }: Piece,
  width: number,
): WrittenRows {
  const end = start + count;
  const first = total - (features?.length ?? 0) / width;
  const wanted = features?.subarray(
    (Math.max(start, first) - first) * width,
    Math.max(end - first, 0) * width,
  );
  return { features: wanted?.length ? wanted : undefined, states: end === total ? states : undefined };
}

/** @throws RangeError unless the graph has such rows and their numbers fit. */
export function checkSideRows(
  { reads, writes }: SideRows,
  { tokens, rows }: { readonly tokens: number; readonly rows: number },
  widths: SideWidths,
): void {
  const check = (
    what: string,
    length: number | undefined,
    width: number,
    fits: (count: number) => boolean,
  ) => {
    if (length === undefined || (width > 0 && fits(length / width))) return;
    throw new RangeError(
      `${what} of ${length} numbers for ${tokens} tokens and ${rows} rows of logits; the graph has ${width} a row`,
    );
  };
  check('Features to read', reads?.features?.length, widths.readFeatures, (count) => count === tokens);
  check('Own states to read', reads?.own?.length, widths.states, (count) => count === tokens);
  const upToAll = (count: number) => Number.isInteger(count) && count <= tokens;
  check('Features to write', writes?.features?.length, widths.features, upToAll);
  check('States to write', writes?.states?.length, widths.states, (count) => count === rows);
}
