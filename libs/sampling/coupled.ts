// Coupled verification: draft and target race their laws under the same noise (shared Gumbel noise; Daliri, Musco,
// Suresh, "Coupling without communication and drafter-invariant speculative decoding", arXiv 2408.07978).
//   the token at position t is the target's winner under the noise of (seed, t);
//   a drafted token is accepted iff it is that token, else the target's winner is emitted; the bonus token likewise.
// The output is a function of (seed, prompt, params): whatever the draft is or does decides the speed alone. So the noise
// must not know the round, and a drafted token that is accepted needs no coin: q never travels.
import type { Distribution } from './distribution.js';
import type { Verdict } from './proposal.js';
import { raceWinner } from './race.js';
import { coupledKey } from './random.js';
import type { VerificationInput } from './verification.js';

export function verifyCoupled({ row, proposal, firstPosition, sampling }: VerificationInput): Verdict {
  const gamma = proposal.tokens.length;
  for (let i = 0; ; i++) {
    const token = coupledToken(row(i), sampling.seed, firstPosition + i);
    if (i === gamma || token !== proposal.tokens[i]) return { acceptedCount: i, finalToken: token };
  }
}

/** The token that a law chooses at a position. */
export function coupledToken(law: Distribution, seed: bigint, position: number): number {
  return raceWinner(law, coupledKey(seed, position));
}
