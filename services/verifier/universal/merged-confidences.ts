// From the draft's probability of each of its tokens to one for each of the target's. Each counts once, for the token in
// which it begins, so that the product over the whole draft stays what it was.

/**
 * @param starts Where each drafted token begins, in bytes.
 * @param confidences One a drafted token; if there are none, so there are for the target's.
 * @param ends Where each token of the target ends.
 */
export function confidencesOf(
  starts: readonly number[],
  confidences: ArrayLike<number>,
  ends: readonly number[],
): number[] {
  if (confidences.length < starts.length) return [];
  const merged = ends.map(() => 1);
  for (const [i, start] of starts.entries()) {
    const token = ends.findIndex((end) => start < end);
    if (token >= 0) merged[token]! *= confidences[i]!;
  }
  return merged;
}
