// What drafting should bring (algorithms.md §4, without a network): E(α, γ) = (1 − α^(γ+1)) / (1 − α) tokens a round that
// takes γ·c + v(γ) plain rounds, where c is the cost of a drafted token and v(γ) that of verifying γ of them.

export interface Prediction {
  /** Tokens a round; at least 1. */
  readonly gamma: number;
  /** Of that gamma, which is the best one. */
  readonly speedUp: number;
  /** The largest c at which some gamma loses nothing. */
  readonly breakEvenCost: number;
}

export interface DraftCosts {
  /** α in [0, 1]. */
  readonly acceptance: number;
  /** c: a drafted token's time as a share of a plain round's. */
  readonly cost: number;
  /** v of 1, 2, … drafted tokens: a verification's time as a share of a plain round's. At least one. */
  readonly verifyCosts: readonly number[];
}

export function predict({ acceptance, cost, verifyCosts }: DraftCosts): Prediction {
  let best = { gamma: 1, speedUp: 0 };
  let breakEvenCost = Number.NEGATIVE_INFINITY;
  let expected = 1;
  for (const [i, verifyCost] of verifyCosts.entries()) {
    const gamma = i + 1;
    expected += acceptance ** gamma;
    const speedUp = expected / (gamma * cost + verifyCost);
    if (speedUp > best.speedUp) best = { gamma, speedUp };
    breakEvenCost = Math.max(breakEvenCost, (expected - verifyCost) / gamma);
  }
  return { ...best, breakEvenCost };
}
