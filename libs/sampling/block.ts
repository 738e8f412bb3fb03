// Block verification (Sun et al., arXiv 2403.10444, algorithm 2): judges prefixes of the draft as wholes, which accepts
// at least as many tokens as judging one by one.
//   P_0 = 1;  P_i = min(1, P_{i−1} · p(x_i) / q(x_i))
//   S_i = Σ_x max(0, P_i · p(x) − q(x)) over the laws of the token after x_i;  h_i = S_i / (S_i + 1 − P_i);  h_γ = P_γ
//   keep the longest prefix x_1 … x_i with u_i < h_i (the empty one always qualifies);
//   then draw the correction token from norm(max(0, P_i · p − q)), or the bonus token from p after the whole draft.
import { type Distribution, probabilityOf, sampleFrom } from './distribution.js';
import { draftLaw, type Proposal, type Verdict } from './proposal.js';
import { Purpose } from './random.js';
import { orElse, residual } from './rejection.js';
import type { VerificationInput } from './verification.js';

export function verifyBlock({ row, proposal, firstPosition, random }: VerificationInput): Verdict {
  const gamma = proposal.tokens.length;
  // Strict, so that a prefix of P_i = 0 is never accepted.
  const qualifies = (i: number, h: number) => i === 0 || random(firstPosition + i - 1, Purpose.ACCEPT) < h;
  let acceptedCount = 0;
  let finalLaw: Distribution | undefined;
  let P = 1;
  let i = 0;
  for (; i < gamma && mayQualify(proposal, i, P, qualifies); i++) {
    const p = row(i);
    const q = draftLaw(proposal, i);
    const left = residual(p, q, P);
    const S = (P * left.mass) / p.mass;
    if (qualifies(i, P === 1 ? 1 : S / (S + 1 - P))) {
      acceptedCount = i;
      finalLaw = orElse(left, p);
    }
    const token = proposal.tokens[i]!;
    P = Math.min(1, (P * probabilityOf(p, token)) / probabilityOf(q, token));
  }
  if (i === gamma && qualifies(gamma, P)) {
    acceptedCount = gamma;
    finalLaw = row(gamma);
  }
  const u = random(firstPosition + acceptedCount, Purpose.RESAMPLE);
  return { acceptedCount, finalToken: sampleFrom(finalLaw!, u) };
}

/**
 * Whether any prefix of i tokens or more can still be kept, so that the target's row i is worth its cost: h ≤ P, and P
 * grows by 1 / q(x) a token at most.
 */
function mayQualify(
  proposal: Proposal,
  i: number,
  P: number,
  qualifies: (i: number, h: number) => boolean,
): boolean {
  let most = P;
  for (let j = i; j < proposal.tokens.length; j++) {
    if (qualifies(j, most)) return true;
    most = Math.min(1, most / probabilityOf(draftLaw(proposal, j), proposal.tokens[j]!));
  }
  return qualifies(proposal.tokens.length, most);
}
