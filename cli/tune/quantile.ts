// Of measured times the lower quartile is taken: whatever else the machine does only ever adds to them.

/** @param values At least one. @param share 0 is the least, 1 the largest. */
export function quantile(values: readonly number[], share: number): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.round(share * (sorted.length - 1))]!;
}
