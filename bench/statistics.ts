// Medians and their uncertainty: what a bench may claim from noisy measurements.

/** Linear interpolation between the two nearest values; NaN for none. */
export function quantile(values: readonly number[], q: number): number {
  if (values.length === 0) return Number.NaN;
  const sorted = [...values].sort((a, b) => a - b);
  const position = (sorted.length - 1) * q;
  const below = Math.floor(position);
  const above = Math.min(below + 1, sorted.length - 1);
  return sorted[below]! + (sorted[above]! - sorted[below]!) * (position - below);
}

export function median(values: readonly number[]): number {
  return quantile(values, 0.5);
}

export function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0);
}

export interface Interval {
  readonly low: number;
  readonly high: number;
}

const RESAMPLES = 2000;

/**
 * 95 % percentile bootstrap interval of a statistic over the given cases (Efron, 1979). The generator is seeded, so that
 * the same measurements give the same interval.
 */
export function bootstrap<Case>(
  cases: readonly Case[],
  statistic: (sample: readonly Case[]) => number,
): Interval {
  const random = mulberry32(1);
  const values: number[] = [];
  for (let i = 0; i < RESAMPLES; i++) {
    values.push(statistic(cases.map(() => cases[Math.floor(random() * cases.length)]!)));
  }
  return { low: quantile(values, 0.025), high: quantile(values, 0.975) };
}

function mulberry32(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32;
  };
}

export function mean(values: readonly number[]): number {
  return sum(values) / values.length;
}
