// Finds where a truncation ends without sorting the row: a histogram over logits names the bucket in which the goal
// is reached, and only that bucket is sorted. Order of tokens: logit descending, then id ascending.
import { FORBIDDEN, type LogitRange } from './logits.js';

/** The last token kept. */
export interface Cut {
  readonly logit: number;
  readonly id: number;
}

export const KEEP_ALL: Cut = { logit: Number.NEGATIVE_INFINITY, id: Number.POSITIVE_INFINITY };

/** Before all forbidden tokens. */
export const KEEP_ALLOWED: Cut = { logit: FORBIDDEN, id: -1 };

export function keeps(cut: Cut, logit: number, id: number): boolean {
  return logit > cut.logit || (logit === cut.logit && id <= cut.id);
}

const BUCKETS = 1024;
// A forbidden token's very low logit must not squeeze all others into one bucket.
const WIDEST_RANGE = 64;

// Shared by all calls: filled and read within one synchronous call, never handed out.
const histogram = new Float64Array(BUCKETS);
/** Bucket of each logit. */
let buckets = new Uint16Array(0);

/**
 * The cut of the smallest leading set whose weights reach `goal`; without weights every token weighs 1.
 * Keeps at least one token. KEEP_ALL when rounding leaves the goal out of reach.
 */
export function leadingCut(
  logits: Float32Array | Float64Array,
  range: Pick<LogitRange, 'min' | 'max'>,
  weights: Float32Array | Float64Array | undefined,
  goal: number,
): Cut {
  const { max } = range;
  const scale = BUCKETS / Math.max(Math.min(max - range.min, WIDEST_RANGE), Number.MIN_VALUE);
  const bucketOf = (logit: number) => {
    const bucket = (max - logit) * scale;
    return bucket < BUCKETS ? bucket | 0 : BUCKETS - 1;
  };

  histogram.fill(0);
  if (buckets.length < logits.length) buckets = new Uint16Array(logits.length);
  for (let i = 0; i < logits.length; i++) {
    const bucket = bucketOf(logits[i]!);
    buckets[i] = bucket;
    histogram[bucket]! += weights === undefined ? 1 : weights[i]!;
  }
  let reached = 0;
  let bucket = 0;
  while (bucket < BUCKETS - 1 && reached + histogram[bucket]! < goal) reached += histogram[bucket++]!;

  const members: number[] = [];
  for (let i = 0; i < logits.length; i++) if (buckets[i] === bucket && weights?.[i] !== 0) members.push(i);
  members.sort((a, b) => logits[b]! - logits[a]! || a - b);
  for (const id of members) {
    reached += weights === undefined ? 1 : weights[id]!;
    if (reached >= goal) return { logit: logits[id]!, id };
  }
  return KEEP_ALL;
}
