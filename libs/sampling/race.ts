// Draws a token by a race: token x rings at noise(x) / weight(x), with exponential noise, and the first to ring wins. That
// happens with probability weight / mass; it is the Gumbel trick (argmax of ln p + Gumbel noise) without a logarithm a
// token. Two laws that race under the same noise agree the more often the more alike they are.
import type { Distribution } from './distribution.js';
import { BLOCK_BITS, leastNoise, noiseOf } from './noise.js';

/**
 * The winner; of tokens that ring at the very same time, the lowest id. Equal laws have the same winner whatever their
 * storage, and the order of their ids. Never returns a token of probability 0.
 * @param key See coupledKey.
 */
export function raceWinner({ ids, weights }: Distribution, key: Uint32Array): number {
  // The heaviest first: most blocks cannot ring before it.
  const first = heaviest(weights);
  let token = ids === undefined ? first : ids[first]!;
  let time = noiseOf(key, token, leastNoise(key, token >>> BLOCK_BITS)) / weights[first]!;

  for (let start = 0, end = 0; start < weights.length; start = end) {
    const block = (ids === undefined ? start : ids[start]!) >>> BLOCK_BITS;
    let heaviestWeight = 0;
    for (end = start; end < weights.length; end++) {
      if ((ids === undefined ? end : ids[end]!) >>> BLOCK_BITS !== block) break;
      if (weights[end]! > heaviestWeight) heaviestWeight = weights[end]!;
    }
    if (heaviestWeight === 0) continue;
    // Rounding keeps the order of sums and quotients, so no token of the block rings before this.
    const least = leastNoise(key, block);
    if (least / heaviestWeight > time) continue;
    for (let i = start; i < end; i++) {
      const weight = weights[i]!;
      if (weight === 0 || least / weight > time) continue;
      const id = ids === undefined ? i : ids[i]!;
      const at = noiseOf(key, id, least) / weight;
      if (at > time || (at === time && id >= token)) continue;
      time = at;
      token = id;
    }
  }
  return token;
}

function heaviest(weights: Distribution['weights']): number {
  let best = 0;
  for (let i = 1; i < weights.length; i++) if (weights[i]! > weights[best]!) best = i;
  if (!(weights[best]! > 0)) throw new RangeError('A distribution without any mass cannot be sampled from.');
  return best;
}
