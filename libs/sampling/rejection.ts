// Speculative rejection sampling (Leviathan et al., arXiv 2211.17192, algorithm 1; Chen et al., arXiv 2302.01318):
//   accept drafted token x with probability min(1, p(x) / q(x));
//   at the first rejection draw the correction token from norm(max(0, p − q));
//   after full acceptance draw the bonus token from p.
// Whatever q is, the committed tokens follow p, provided q is the law that x was drawn from.
import { type Distribution, distributionOf, indexOfId, probabilityOf, sampleFrom } from './distribution.js';
import { draftLaw, type Proposal, type Verdict } from './proposal.js';
import { Purpose, type RoundRandom } from './random.js';

export interface VerificationInput {
  /**
   * The target's law p at position firstPosition + i, for i = 0 … gamma. Asked for in order, only as far as tokens are
   * accepted, and done with before the next is asked for.
   */
  readonly row: (i: number) => Distribution;
  /** Valid (see validateProposal). */
  readonly proposal: Proposal;
  /** Position of the first drafted token: the number of committed tokens. */
  readonly firstPosition: number;
  /** keyedRandom(seed, firstPosition). */
  readonly random: RoundRandom;
}

/** A pure function: the same input gives the same verdict; p and q are only read. */
export function verifyProposal({ row, proposal, firstPosition, random }: VerificationInput): Verdict {
  const gamma = proposal.tokens.length;
  for (let i = 0; i < gamma; i++) {
    const position = firstPosition + i;
    const token = proposal.tokens[i]!;
    const p = row(i);
    const q = draftLaw(proposal, i);
    // u < p / q without the division; strict, so that a token of p = 0 is never accepted.
    const u = random(position, Purpose.ACCEPT);
    if (u * probabilityOf(q, token) < probabilityOf(p, token)) continue;
    return { acceptedCount: i, finalToken: sampleFrom(residual(p, q), random(position, Purpose.RESAMPLE)) };
  }
  const u = random(firstPosition + gamma, Purpose.RESAMPLE);
  return { acceptedCount: gamma, finalToken: sampleFrom(row(gamma), u) };
}

/** norm(max(0, p − q)) with the support of p; p itself where rounding leaves nothing of it. q must be sparse. */
export function residual(p: Distribution, q: Distribution): Distribution {
  const weights = new Float64Array(p.weights);
  for (let i = 0; i < q.weights.length; i++) {
    const token = q.ids![i]!;
    const index = p.ids === undefined ? token : indexOfId(p.ids, token);
    if (index < 0 || index >= weights.length) continue;
    // In units of p's weights, so that the tokens q does not know need no rescaling.
    weights[index] = Math.max(0, weights[index]! - (q.weights[i]! / q.mass) * p.mass);
  }
  const left = distributionOf(p.ids, weights);
  return left.mass > 0 ? left : p;
}
