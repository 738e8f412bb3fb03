// What the forwards alone would allow (algorithms: E/(γc + v) for one session; a saturated verifier yields the tokens of a
// forward in the time of a forward), from the forward times of the very rounds that are judged by it.
import type { LoadCell } from './cell.js';
import type { RoundMeans } from './round-means.js';

/** Tokens a round: accepted ones and the final one. */
export function tokensPerRound({ counters }: LoadCell): number {
  return counters.tokens / counters.rounds;
}

export function tokensPerSecond({ counters, windowMs }: LoadCell): number {
  return (1000 * counters.tokens) / windowMs;
}

/**
 * Tokens a second at most: sessions wait for their own draft and forward, and forwards for each other.
 * @param sessions Undefined: as many as there are.
 */
export function lawTokensPerSecond(
  sessions: number | undefined,
  tokens: number,
  {
    draftComputeMs,
    verifyComputeMs,
    batchSize,
  }: Pick<RoundMeans, 'draftComputeMs' | 'verifyComputeMs' | 'batchSize'>,
): number {
  const bySessions =
    sessions === undefined ? Number.POSITIVE_INFINITY : sessions / (draftComputeMs + verifyComputeMs);
  const byVerifier = batchSize / verifyComputeMs;
  return 1000 * tokens * Math.min(bySessions, byVerifier);
}

export interface SessionLaw {
  /** Tokens a round. */
  readonly tokens: number;
  readonly gamma: number;
  /** γ·t_d / T(1). */
  readonly draftShare: number;
  /** T(γ + 1) / T(1). */
  readonly verifyShare: number;
  /** E / (γc + v). */
  readonly speedUp: number;
}

/** Of one session: both cells had one. Undefined if no request finished in one of them. */
export function sessionLaw(plain: LoadCell, speculative: LoadCell): SessionLaw | undefined {
  if (plain.round === undefined || speculative.round === undefined) return undefined;
  const { rounds, drafted, accepted } = speculative.counters;
  const forwardMs = plain.round.verifyComputeMs;
  const tokens = 1 + accepted / rounds;
  const draftShare = speculative.round.draftComputeMs / forwardMs;
  const verifyShare = speculative.round.verifyComputeMs / forwardMs;
  return {
    tokens,
    gamma: drafted / rounds,
    draftShare,
    verifyShare,
    speedUp: tokens / (draftShare + verifyShare),
  };
}
