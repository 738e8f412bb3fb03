// Pearson's goodness-of-fit test, with its own survival function so that no statistics library is needed.
// Incomplete gamma function: series and Lentz's continued fraction, DLMF 8.7.1 and 8.9.2; log gamma: Lanczos, g = 7.

export interface ChiSquared {
  readonly statistic: number;
  readonly degreesOfFreedom: number;
  readonly pValue: number;
}

/** Cells expected fewer times than this are pooled: below it the chi-squared law is a poor approximation. */
const MIN_EXPECTED = 5;

/** Tests counts against a law over the same outcomes. Outcomes outside the law make the statistic infinite. */
export function chiSquaredTest(
  counts: ReadonlyMap<string, number>,
  law: ReadonlyMap<string, number>,
): ChiSquared {
  const total = [...counts.values()].reduce((sum, count) => sum + count, 0);
  const impossible = [...counts.keys()].some((outcome) => !((law.get(outcome) ?? 0) > 0));
  let statistic = impossible ? Number.POSITIVE_INFINITY : 0;
  let cells = 0;
  let pooledExpected = 0;
  let pooledObserved = 0;
  const addCell = (observed: number, expected: number) => {
    statistic += (observed - expected) ** 2 / expected;
    cells++;
  };
  for (const [outcome, probability] of law) {
    const observed = counts.get(outcome) ?? 0;
    const expected = probability * total;
    if (expected >= MIN_EXPECTED) addCell(observed, expected);
    else {
      pooledExpected += expected;
      pooledObserved += observed;
    }
  }
  if (pooledExpected > 0) addCell(pooledObserved, pooledExpected);
  const degreesOfFreedom = Math.max(1, cells - 1);
  return { statistic, degreesOfFreedom, pValue: survival(statistic, degreesOfFreedom) };
}

/** Probability that a chi-squared variable exceeds x. */
export function survival(x: number, degreesOfFreedom: number): number {
  return x === Number.POSITIVE_INFINITY ? 0 : upperGamma(degreesOfFreedom / 2, x / 2);
}

/** Regularised upper incomplete gamma function Q(a, x). */
function upperGamma(a: number, x: number): number {
  if (x <= 0) return 1;
  const scale = Math.exp(a * Math.log(x) - x - logGamma(a));
  if (x < a + 1) {
    let term = 1 / a;
    let sum = term;
    for (let n = 1; term > sum * 1e-16; n++) {
      term *= x / (a + n);
      sum += term;
    }
    return 1 - scale * sum;
  }
  const tiny = 1e-300;
  let b = x + 1 - a;
  let c = 1 / tiny;
  let d = 1 / b;
  let fraction = d;
  for (let n = 1, change = 0; Math.abs(change - 1) > 1e-15 && n < 10_000; n++) {
    const numerator = -n * (n - a);
    b += 2;
    d = 1 / (numerator * d + b || tiny);
    c = b + numerator / c || tiny;
    change = d * c;
    fraction *= change;
  }
  return scale * fraction;
}

const LANCZOS = [
  676.5203681218851, -1259.1392167224028, 771.32342877765313, -176.61502916214059, 12.507343278686905,
  -0.13857109526572012, 9.9843695780195716e-6, 1.5056327351493116e-7,
];

/** Natural logarithm of the gamma function, for z ≥ 1/2. */
function logGamma(z: number): number {
  const x = z - 1;
  const sum = LANCZOS.reduce((total, value, i) => total + value / (x + i + 1), 0.99999999999980993);
  const t = x + 7.5;
  return 0.5 * Math.log(2 * Math.PI) + (x + 0.5) * Math.log(t) - t + Math.log(sum);
}
