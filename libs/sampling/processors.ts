// From logits to the law tokens are drawn from: temperature → top-k → top-p → min-p → typical-p → renormalise, in
// float64. What changes the logits before: process-logits.ts; the whole order: params.ts.
// The same parameters define p for the target and q for the draft (draft.ts).
import { type Cut, KEEP_ALL, KEEP_ALLOWED, keeps, leadingCut } from './cut.js';
import { type Distribution, distributionOf, oneHot } from './distribution.js';
import { expOfNegative } from './exponential.js';
import { argmax, FORBIDDEN, type LogitRange, logitRange } from './logits.js';
import type { SamplingParams } from './params.js';
import { typicalLaw } from './typical.js';

/** More than rounding may move a logarithm. */
const MARGIN = 1e-6;

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

  const minP = Math.min(params.minP ?? 0, 1);
  // Nothing below matters where neither a sum of all nor their order is asked for.
  const floor =
    minP > 0 && params.topP >= 1 ? range.max + params.temperature * (Math.log(minP) - MARGIN) : range.min;
  const weights = scratch?.subarray(0, logits.length) ?? new Float64Array(logits.length);
  const mass = weigh(logits, range.max, params.temperature, { weights, floor, cut: kCut });
  const pCut = params.topP < 1 ? leadingCut(logits, range, weights, params.topP * mass) : KEEP_ALL;
  const logWeightOf = (id: number) => (logits[id]! - range.max) / params.temperature;
  // The best token weighs exactly 1, so min-p is a weight too.
  const isDense = kCut === KEEP_ALL && pCut === KEEP_ALL && minP === 0;
  const law = isDense ? { ids: undefined, weights, mass } : compact(logits, weights, pCut, minP);
  return (params.typicalP ?? 1) < 1 ? typicalLaw(law, params.typicalP!, logWeightOf) : law;
}

interface Weighing {
  /** Filled. [logits.length] */
  readonly weights: Float64Array;
  /** Logits below weigh 0. */
  readonly floor: number;
  readonly cut: Cut;
}

/** e^((logit − max) / temperature) of what is kept; returns their sum. */
function weigh(
  logits: Float32Array,
  max: number,
  temperature: number,
  { weights, floor, cut }: Weighing,
): number {
  let mass = 0;
  const keepsAll = cut === KEEP_ALL;
  for (let i = 0; i < logits.length; i++) {
    const logit = logits[i]!;
    if (logit < floor || !(keepsAll || keeps(cut, logit, i))) {
      weights[i] = 0;
      continue;
    }
    const weight = expOfNegative((logit - max) / temperature);
    weights[i] = weight;
    mass += weight;
  }
  return mass;
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

// Filled and read within one synchronous call, never handed out.
let keptIds = new Uint32Array(0);

/** The kept tokens only; ascending because the row is walked in id order. */
function compact(logits: Float32Array, weights: Float64Array, cut: Cut, minWeight: number): Distribution {
  if (keptIds.length < logits.length) keptIds = new Uint32Array(logits.length);
  let size = 0;
  for (let i = 0; i < logits.length; i++) {
    const weight = weights[i]!;
    if (weight > 0 && weight >= minWeight && keeps(cut, logits[i]!, i)) keptIds[size++] = i;
  }
  const ids = keptIds.slice(0, size);
  return distributionOf(
    ids,
    Float64Array.from(ids, (id) => weights[id]!),
  );
}
