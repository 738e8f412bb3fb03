// Tree-structured Parzen Estimator over binary variables (Bergstra et al. 2011, "Algorithms for Hyper-Parameter
// Optimization"): trials are split into the best few and the rest; each variable gets a density l of the best and g of
// the rest, counts with a prior; of some candidates drawn from l the one with the largest l/g is tried next.
// Where this departs from the usual: candidates are whole vectors, since for a single binary variable every draw of 24 holds
// both values and nothing would be left to chance; and the prior is a share of its side's trials around that side's mean share
// of ones: with the same counts on both sides a value that nobody has tried would look good only because g has seen more
// trials, and with a mean of a half every vector drawn near a sparse one would be denser than it.

export interface Trial {
  /** 0 or 1 for each variable. */
  readonly bits: Uint8Array;
  /** The larger the better. */
  readonly value: number;
}

export interface TpeOptions {
  /** Trials before the first density is trusted. Default 10. */
  readonly startupTrials?: number;
  /** Variables that startup trials leave at 0. */
  readonly startsAtZero?: ReadonlySet<number>;
  /** Vectors not to try. */
  readonly excluded?: readonly Uint8Array[];
  /** Share of ones in the densest startup trial. Default 0.5. */
  readonly densest?: number;
  /** Candidates a trial. Default 24. */
  readonly candidates?: number;
  /** Weight of the prior, as a share of a side's trials. Default 0.25. */
  readonly prior?: number;
  /** Numbers in [0, 1). */
  readonly random: () => number;
}

/** The next vector to try, and never one that was tried, unless chance finds no other. */
export function suggest(numVariables: number, trials: readonly Trial[], options: TpeOptions): Uint8Array {
  const { startupTrials = 10, candidates = 24, prior = 0.25, excluded = [], random } = options;
  const tried = new Set([...trials.map(({ bits }) => bits), ...excluded].map((bits) => bits.join('')));
  if (trials.length < startupTrials)
    return untried(tried, () => startupVector(numVariables, trials, options));
  const ranked = [...trials].sort((a, b) => b.value - a.value);
  const numBest = bestCount(trials.length);
  const l = densities(numVariables, ranked.slice(0, numBest), prior);
  const g = densities(numVariables, ranked.slice(numBest), prior);
  return untried(tried, () => {
    const drawn = Array.from({ length: candidates }, () => l.map((chance) => (random() < chance ? 1 : 0)));
    const fresh = drawn.filter((bits) => !tried.has(bits.join('')));
    const scored = (fresh.length > 0 ? fresh : drawn).map((bits) => ({ bits, score: logRatio(bits, l, g) }));
    return Uint8Array.from(scored.reduce((a, b) => (b.score > a.score ? b : a)).bits);
  });
}

/** Optuna's rule: a tenth of the trials, at most 25; but two at least. */
function bestCount(numTrials: number): number {
  return Math.max(2, Math.min(25, Math.ceil(0.1 * numTrials)));
}

/** Startup trials go from few ones to many, so that both ends are known. */
function startupVector(
  numVariables: number,
  trials: readonly Trial[],
  { startupTrials = 10, startsAtZero, densest = 0.5, random }: TpeOptions,
): Uint8Array {
  const share = (densest * (trials.length + 1)) / startupTrials;
  return Uint8Array.from({ length: numVariables }, (_, i) =>
    startsAtZero?.has(i) || random() >= share ? 0 : 1,
  );
}

/** Chance of a 1 for each variable, never 0 or 1. */
function densities(numVariables: number, trials: readonly Trial[], prior: number): number[] {
  const ones = Array.from({ length: numVariables }, (_, i) =>
    trials.reduce((sum, { bits }) => sum + bits[i]!, 0),
  );
  const share = ones.reduce((a, b) => a + b, 0) / (numVariables * trials.length);
  const mean = Math.min(1 - 1 / numVariables, Math.max(1 / numVariables, share));
  return ones.map((count) => (count / trials.length + prior * mean) / (1 + prior));
}

function logRatio(bits: readonly number[], l: readonly number[], g: readonly number[]): number {
  let sum = 0;
  for (const [i, bit] of bits.entries())
    sum += bit === 1 ? Math.log(l[i]! / g[i]!) : Math.log((1 - l[i]!) / (1 - g[i]!));
  return sum;
}

const ATTEMPTS = 100;

function untried(tried: ReadonlySet<string>, draw: () => Uint8Array): Uint8Array {
  let bits = draw();
  for (let i = 1; i < ATTEMPTS && tried.has(bits.join('')); i++) bits = draw();
  return bits;
}
