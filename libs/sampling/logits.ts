// Questions to one row of logits. A row with NaN or an infinity comes from a broken model or device: it is refused
// with a RangeError that names the row, never sampled from.
import { expOfNegative } from './exponential.js';

/** Logit of a token that must not be chosen: the lowest float32. Its probability is 0 at every temperature. */
export const FORBIDDEN = -3.4028234663852886e38;

/** How far a bias or a penalty may lower a logit. */
export const LOWEST_ALLOWED = -3.4e38;

export interface LogitRange {
  readonly min: number;
  readonly max: number;
  /** Lowest index among those that reach the maximum. */
  readonly argmax: number;
}

/** Throws RangeError if the row is empty or holds a value that is not finite. `row` only names it. */
export function logitRange(logits: Float32Array, row = 0): LogitRange {
  let min = Number.POSITIVE_INFINITY;
  let max = Number.NEGATIVE_INFINITY;
  let argmax = -1;
  // Becomes NaN as soon as one value is not finite: cheaper than a test a value.
  let taint = 0;
  for (let i = 0; i < logits.length; i++) {
    const value = logits[i]!;
    taint += value * 0;
    if (value < min) min = value;
    if (value > max) {
      max = value;
      argmax = i;
    }
  }
  if (argmax < 0 || taint !== 0) throw new RangeError(describeFault(logits, row));
  return { min, max, argmax };
}

/** Index of the largest logit, the lowest one on ties. */
export function argmax(logits: Float32Array, row = 0): number {
  return logitRange(logits, row).argmax;
}

/** The model's own probability of an entry: softmax before temperature and truncation. */
export function rawProbability(logits: Float32Array, index: number, row = 0): number {
  const value = logits[index];
  if (value === undefined)
    throw new RangeError(`Logits row ${row} has no entry ${index}; its length is ${logits.length}.`);
  const { max } = logitRange(logits, row);
  let mass = 0;
  for (let i = 0; i < logits.length; i++) mass += expOfNegative(logits[i]! - max);
  return expOfNegative(value - max) / mass;
}

function describeFault(logits: Float32Array, row: number): string {
  const index = logits.findIndex((value) => !Number.isFinite(value));
  if (index < 0) return `Logits row ${row} is empty.`;
  return `Logits row ${row} holds ${logits[index]} at index ${index}; every logit must be finite.`;
}
