// Features: rows of the target's hidden states, which a draft may read beside the tokens (EAGLE-3, arXiv 2503.01840). The
// row of position p is what the target knew when it chose token p + 1. It is a function of the tokens up to p, so it may be
// sent twice, to whom and whenever one likes; without it a draft is only worse.

/** Which hidden states a row holds. */
export interface FeatureLayout {
  /** Of the target, from 0: what leaves them, in this order. */
  readonly layers: readonly number[];
  /** Numbers of a row. */
  readonly width: number;
}

/** Rows of consecutive positions. */
export interface FeatureRows {
  /** Position of the first row. */
  readonly start: number;
  /** Bits of float16 numbers. [rows, width] */
  readonly values: Uint16Array;
}

/** Positions before the end of a text whose rows are of use: a draft doesn't look further back. */
export const MOST_FEATURE_ROWS = 512;

export function isSameLayout(a: FeatureLayout | undefined, b: FeatureLayout | undefined): boolean {
  if (a === undefined || b === undefined) return false;
  return (
    a.width === b.width && a.layers.length === b.layers.length && a.layers.every((l, i) => l === b.layers[i])
  );
}
