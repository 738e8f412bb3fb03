// Speculative rejection sampling (Leviathan et al., arXiv 2211.17192, algorithm 1; Chen et al., arXiv 2302.01318):
//   accept drafted token x with probability min(1, p(x) / q(x));
//   at the first rejection draw the correction token from norm(max(0, p − q));
//   after full acceptance draw the bonus token from p.
// Whatever q is, the committed tokens follow p, provided q is the law that x was drawn from.
import { type Distribution, distributionOf, indexOfId, probabilityOf, sampleFrom } from './distribution.js';
import { draftLaw, type Verdict } from './proposal.js';
import { Purpose } from './random.js';
import type { VerificationInput } from './verification.js';

export function verifyRatio({ row, proposal, firstPosition, random }: VerificationInput): Verdict {
  const gamma = proposal.tokens.length;
  for (let i = 0; i < gamma; i++) {
    const position = firstPosition + i;
    const token = proposal.tokens[i]!;
    const p = row(i);
    const q = draftLaw(proposal, i);
    // u < p / q without the division; strict, so that a token of p = 0 is never accepted.
    const u = random(position, Purpose.ACCEPT);
    if (u * probabilityOf(q, token) < probabilityOf(p, token)) continue;
    const left = orElse(residual(p, q), p);
    return { acceptedCount: i, finalToken: sampleFrom(left, random(position, Purpose.RESAMPLE)) };
  }
  const u = random(firstPosition + gamma, Purpose.RESAMPLE);
  return { acceptedCount: gamma, finalToken: sampleFrom(row(gamma), u) };
}

/**
 * norm(max(0, share · p − q)) with the support of p: its mass is that of max(0, p − q / share) in units of p's weights.
 * @param q Sparse.
 * @param share In (0, 1].
 */
export function residual(p: Distribution, q: Distribution, share = 1): Distribution {
  const weights = new Float64Array(p.weights);
  const unit = p.mass / share;
  for (let i = 0; i < q.weights.length; i++) {
    const token = q.ids![i]!;
    const index = p.ids === undefined ? token : indexOfId(p.ids, token);
    if (index < 0 || index >= weights.length) continue;
    // In units of p's weights, so that the tokens q does not know need no rescaling.
    weights[index] = Math.max(0, weights[index]! - (q.weights[i]! / q.mass) * unit);
  }
  return distributionOf(p.ids, weights);
}

/** The residual, or p itself where rounding leaves nothing of it. */
export function orElse(left: Distribution, p: Distribution): Distribution {
  return left.mass > 0 ? left : p;
}
