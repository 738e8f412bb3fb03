// What the graph of several slots is fed besides KV caches (libs/builder/attend-slots.ts says what its inputs are).
import { Tensor } from 'onnxruntime-node';
import type { KvCache } from '../kv-cache.js';
import type { SideRows } from '../side-rows.js';

/** What one slot adds to a forward. */
export interface Portion extends SideRows {
  readonly cache: KvCache;
  /** At least one. */
  readonly tokens: readonly number[];
  /** Logits are wanted of so many of them, the last ones. */
  readonly rows: number;
}

/** What attention and the head are given at least, for bitwise the same results in any chunking. */
export interface Fewest {
  /** In a forward: one row takes another kernel with other rounding. */
  readonly rows: number;
  /** Of a whole sequence, cached ones included. */
  readonly tokens: number;
}

/** Tokens that attention of a portion sees: more than there are if need be. */
export function attendedRows({ cache, tokens }: Portion, fewest: Fewest): number {
  return Math.max(tokens.length, fewest.rows, fewest.tokens - cache.length);
}

/** Rows of logits that the head computes for all portions together. */
export function headRows(portions: readonly Portion[], fewest: Fewest): number {
  return Math.max(
    fewest.rows,
    portions.reduce((sum, { rows }) => sum + rows, 0),
  );
}

/** @param numSlots Those of the graph; the portions take the first ones. */
export function batchInputs(
  portions: readonly Portion[],
  numSlots: number,
  fewest: Fewest,
): Record<string, Tensor> {
  const tokens = portions.flatMap((portion) => portion.tokens);
  const lists = { slotRows: [] as number[], keptRows: [] as number[], logitRows: [] as number[] };
  const [used, counts] = [new Uint8Array(numSlots), new BigInt64Array(numSlots)];
  const [lasts, totals] = [new Int32Array(numSlots), new Int32Array(numSlots).fill(1)];
  let start = 0;
  for (const [slot, portion] of portions.entries()) {
    const length = portion.tokens.length;
    const attended = attendedRows(portion, fewest);
    const behind = lists.slotRows.length;
    // A dummy is the last row once more: causality hides it, and nobody reads its result.
    for (let i = 0; i < attended; i++) lists.slotRows.push(start + Math.min(i, length - 1));
    for (let i = 0; i < length; i++) lists.keptRows.push(behind + i);
    for (let i = length - portion.rows; i < length; i++) lists.logitRows.push(start + i);
    used[slot] = 1;
    counts[slot] = BigInt(attended);
    totals[slot] = portion.cache.length + attended;
    lasts[slot] = totals[slot]! - 1;
    start += length;
  }
  while (lists.logitRows.length < fewest.rows) lists.logitRows.push(start - 1);
  return {
    input_ids: integers(tokens, [1, tokens.length]),
    seqlens_k: new Tensor('int32', lasts, [numSlots]),
    total_sequence_length: new Tensor('int32', totals, [numSlots]),
    slot_used: new Tensor('bool', used, [numSlots]),
    slot_row_counts: new Tensor('int64', counts, [numSlots]),
    slot_rows: integers(lists.slotRows),
    kept_rows: integers(lists.keptRows),
    logit_rows: integers(lists.logitRows),
  };
}

function integers(values: readonly number[], dims: readonly number[] = [values.length]): Tensor {
  return new Tensor('int64', BigInt64Array.from(values, BigInt), dims);
}
