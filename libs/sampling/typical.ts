// Locally typical sampling (Meister, Pimentel, Wiher, Cotterell, arXiv 2202.00666): keeps the tokens whose surprise
// −ln p lies closest to the law's entropy, until their mass reaches the goal. Ties keep the lowest id.
import { keeps, leadingCut } from './cut.js';
import { type Distribution, distributionOf } from './distribution.js';

/** In nats of surprise; tokens lie closer together here than by their logits. */
const NEAR = [1.5, 3];

/**
 * Keeps at least one token. The result is sparse.
 * @param logWeightOf Natural logarithm of a token's weight, by its id: known already, where computing it costs most.
 */
export function typicalLaw(
  { ids, weights, mass }: Distribution,
  typicalP: number,
  logWeightOf: (id: number) => number,
): Distribution {
  const logs = new Float64Array(weights.length);
  for (let i = 0; i < logs.length; i++) logs[i] = logWeightOf(ids === undefined ? i : ids[i]!);
  let sum = 0;
  for (let i = 0; i < weights.length; i++) if (weights[i]! > 0) sum += weights[i]! * logs[i]!;
  // Entropy = ln mass − meanLog and surprise = ln mass − ln weight, so ln mass drops out of their difference.
  const meanLog = sum / mass;
  const closeness = new Float64Array(weights.length);
  let min = Number.POSITIVE_INFINITY;
  let max = Number.NEGATIVE_INFINITY;
  for (let i = 0; i < weights.length; i++) {
    if (weights[i]! === 0) continue;
    const value = -Math.abs(logs[i]! - meanLog);
    closeness[i] = value;
    if (value < min) min = value;
    if (value > max) max = value;
  }
  const cut = leadingCut(closeness, { min, max }, weights, typicalP * mass, NEAR);
  const entries: number[] = [];
  for (let i = 0; i < weights.length; i++)
    if (weights[i]! > 0 && keeps(cut, closeness[i]!, i)) entries.push(i);
  return distributionOf(
    Uint32Array.from(entries, (i) => (ids === undefined ? i : ids[i]!)),
    Float64Array.from(entries, (i) => weights[i]!),
  );
}
