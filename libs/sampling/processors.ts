// From logits to the law tokens are drawn from: temperature → top-k → top-p → min-p → typical-p → renormalise, in
// float64. What changes the logits before: process-logits.ts; the whole order: params.ts.
// The same parameters define p for the target and q for the draft (draft.ts).
import { type Cut, KEEP_ALL, KEEP_ALLOWED, keeps, leadingCut } from './cut.js';
import { type Distribution, distributionOf, oneHot } from './distribution.js';
import { expOfNegative } from './exponential.js';
import { argmax, FORBIDDEN, type LogitRange, logitRange } from './logits.js';
import type { SamplingParams } from './params.js';
import { typicalLaw } from './typical.js';

/**
 * The target's law p for one row of logits [vocabSize]. Dense unless it is truncated or a token is forbidden.
 * With `scratch` [≥ vocabSize] a dense result lives in it and is valid until its next use.
 * Throws RangeError, naming `row`, if a logit is not finite.
 */
export function toDistribution(
  logits: Float32Array,
  params: SamplingParams,
  row = 0,
  scratch?: Float64Array,
): Distribution {
  if (params.temperature === 0) return oneHot(argmax(logits, row));
  const range = logitRange(logits, row);
  const kCut = supportCut(logits, range, params.topK);

  const weights = scratch?.subarray(0, logits.length) ?? new Float64Array(logits.length);
  let mass = 0;
  for (let i = 0; i < logits.length; i++) {
    const logit = logits[i]!;
    const weight =
      kCut === KEEP_ALL || keeps(kCut, logit, i)
        ? expOfNegative((logit - range.max) / params.temperature)
        : 0;
    weights[i] = weight;
    mass += weight;
  }
  const pCut = params.topP < 1 ? leadingCut(logits, range, weights, params.topP * mass) : KEEP_ALL;
  const logWeightOf = (id: number) => (logits[id]! - range.max) / params.temperature;
  // The best token weighs exactly 1, so min-p is a weight too.
  const minWeight = Math.min(params.minP ?? 0, 1);
  const isDense = kCut === KEEP_ALL && pCut === KEEP_ALL && minWeight === 0;
  const law = isDense ? { ids: undefined, weights, mass } : compact(logits, weights, pCut, minWeight);
  return (params.typicalP ?? 1) < 1 ? typicalLaw(law, params.typicalP!, logWeightOf) : law;
}

/** What top-k and the forbidden tokens leave. */
function supportCut(logits: Float32Array, range: LogitRange, topK: number): Cut {
  const most = topK > 0 ? topK : logits.length;
  // A high temperature would give forbidden tokens some probability if their logit alone kept them out.
  if (range.min === FORBIDDEN && range.max > FORBIDDEN && countAllowed(logits) <= most) return KEEP_ALLOWED;
  return most < logits.length ? leadingCut(logits, range, undefined, most) : KEEP_ALL;
}

function countAllowed(logits: Float32Array): number {
  let count = 0;
  for (let i = 0; i < logits.length; i++) if (logits[i]! > FORBIDDEN) count++;
  return count;
}

/** The kept tokens only; ascending because the row is walked in id order. */
function compact(logits: Float32Array, weights: Float64Array, cut: Cut, minWeight: number): Distribution {
  const isKept = (i: number) => weights[i]! > 0 && weights[i]! >= minWeight && keeps(cut, logits[i]!, i);
  let size = 0;
  for (let i = 0; i < logits.length; i++) if (isKept(i)) size++;
  const ids = new Uint32Array(size);
  const kept = new Float64Array(size);
  let end = 0;
  for (let i = 0; i < logits.length; i++) {
    if (!isKept(i)) continue;
    ids[end] = i;
    kept[end++] = weights[i]!;
  }
  return distributionOf(ids, kept);
}
