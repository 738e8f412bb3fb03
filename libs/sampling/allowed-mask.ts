// A list of allowed tokens as a bitmask: made once a list, since a request has the same one in every round.

const MASKS = new WeakMap<readonly number[], Int32Array>();

/** Bit b of word w: token 32 · w + b. */
export function maskOfTokens(tokens: readonly number[]): Int32Array {
  const known = MASKS.get(tokens);
  if (known !== undefined) return known;
  const highest = tokens.reduce((most, token) => Math.max(most, token), 0);
  const mask = new Int32Array((highest >>> 5) + 1);
  for (const token of tokens) mask[token >>> 5]! |= 1 << (token & 31);
  MASKS.set(tokens, mask);
  return mask;
}
