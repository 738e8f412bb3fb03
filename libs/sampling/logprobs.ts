// What the model itself thought of a token: log softmax of its logits, before bias, penalties, temperature and cuts.
import { expOfNegative } from './exponential.js';
import { logitRange } from './logits.js';

export interface TokenLogprobs {
  /** Natural logarithm of the token's probability, rounded to float32 as it travels: finite, at most 0. */
  readonly logprob: number;
  /** The likeliest tokens, best first, the lower id first on ties; [as many as asked for, at most vocabSize] */
  readonly topIds: readonly number[];
  readonly topLogprobs: readonly number[];
}

const LOWEST_FLOAT32 = -3.4028234663852886e38;

/**
 * @param logits One row, only read. [vocabSize]
 * @param numTop How many of the likeliest tokens to name.
 * @throws RangeError if a logit is not finite or the token is not in the row.
 */
export function tokenLogprobs(logits: Float32Array, token: number, numTop: number): TokenLogprobs {
  const own = logits[token];
  if (own === undefined)
    throw new RangeError(
      `Logits row of length ${logits.length} has no entry ${token}; its token is unknown.`,
    );
  const { max } = logitRange(logits);
  let mass = 0;
  for (let i = 0; i < logits.length; i++) mass += expOfNegative(logits[i]! - max);
  // At most 0 by construction: the mass counts the largest logit as 1.
  const logMass = Math.log(mass);
  const logprobOf = (logit: number) => Math.max(LOWEST_FLOAT32, Math.fround(logit - max - logMass));
  const topIds = largest(logits, numTop);
  return {
    logprob: logprobOf(own),
    topIds,
    topLogprobs: topIds.map((id) => logprobOf(logits[id]!)),
  };
}

/** Indices of the `count` largest values, the largest first, the lower index first on ties. */
function largest(values: Float32Array, count: number): number[] {
  const size = Math.min(count, values.length);
  // Kept sorted: an insertion is rare once the first values have set the bar, and `count` is at most 20.
  const best: number[] = [];
  let bar = Number.NEGATIVE_INFINITY;
  for (let i = 0; size > 0 && i < values.length; i++) {
    const value = values[i]!;
    if (value <= bar) continue;
    if (best.length === size) best.pop();
    let at = best.length;
    while (at > 0 && values[best[at - 1]!]! < value) at--;
    best.splice(at, 0, i);
    if (best.length === size) bar = values[best[size - 1]!]!;
  }
  return best;
}
