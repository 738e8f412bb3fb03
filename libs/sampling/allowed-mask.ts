// A list of allowed tokens as a bitmask of row indices: made once a list, since a request has the same one in every round.

type RowOf = (token: number) => number;

const MASKS = new WeakMap<readonly number[], { readonly rowOf: RowOf; readonly mask: Int32Array }>();

/** Bit b of word w: index 32 · w + b. Tokens that the row lacks (a negative index) are left out. */
export function maskOfTokens(tokens: readonly number[], rowOf: RowOf): Int32Array {
  const known = MASKS.get(tokens);
  if (known?.rowOf === rowOf) return known.mask;
  const indices = tokens.map(rowOf).filter((index) => index >= 0);
  const highest = indices.reduce((most, index) => Math.max(most, index), 0);
  const mask = new Int32Array((highest >>> 5) + 1);
  for (const index of indices) mask[index >>> 5]! |= 1 << (index & 31);
  MASKS.set(tokens, { rowOf, mask });
  return mask;
}
