// Finds where a truncation ends without sorting the row: mostly among the few tokens near the best one; else a histogram
// over logits names the bucket in which the goal is reached, and only that bucket is sorted. Order of tokens: logit descending, then id ascending.
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

/** How far below the best logit the cut is looked for first: some hundred tokens lie nearer, and mostly they are enough. */
const NEAR = [8, 12];
const MOST_NEAR = 4096;

/**
 * The cut of the smallest leading set whose weights reach `goal`; without weights every token weighs 1.
 * Keeps at least one token. KEEP_ALL when rounding leaves the goal out of reach.
 * @param near Distances below the best within which the cut is looked for first.
 */
export function leadingCut(
  logits: Float32Array | Float64Array,
  range: Pick<LogitRange, 'min' | 'max'>,
  weights: Float32Array | Float64Array | undefined,
  goal: number,
  near: readonly number[] = NEAR,
): Cut {
  for (const distance of near) {
    const cut = nearCut(logits, range.max - distance, weights, goal);
    if (cut !== undefined) return cut;
  }
  return bucketCut(logits, range, weights, goal);
}

/** The cut among the tokens above `floor`; undefined if they don't reach the goal, or are too many to sort. */
function nearCut(
  logits: Float32Array | Float64Array,
  floor: number,
  weights: Float32Array | Float64Array | undefined,
  goal: number,
): Cut | undefined {
  const near: number[] = [];
  let mass = 0;
  for (let i = 0; i < logits.length; i++) {
    if (logits[i]! <= floor || weights?.[i] === 0) continue;
    mass += weights === undefined ? 1 : weights[i]!;
    if (near.push(i) > MOST_NEAR) return undefined;
  }
  return mass >= goal ? cutAmong(near, logits, weights, goal) : undefined;
}

/** Undefined if these tokens don't reach the goal. */
function cutAmong(
  tokens: number[],
  logits: Float32Array | Float64Array,
  weights: Float32Array | Float64Array | undefined,
  goal: number,
  before = 0,
): Cut | undefined {
  tokens.sort((a, b) => logits[b]! - logits[a]! || a - b);
  let reached = before;
  for (const id of tokens) {
    reached += weights === undefined ? 1 : weights[id]!;
    if (reached >= goal) return { logit: logits[id]!, id };
  }
  return undefined;
}

function bucketCut(
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
  return cutAmong(members, logits, weights, goal, reached) ?? KEEP_ALL;
}
