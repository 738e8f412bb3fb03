// Latencies of a window, as clients saw them, as quantiles.
import { quantile } from '../statistics.js';
import type { Observed } from './traffic.js';

export interface Quantiles {
  readonly p50: number;
  readonly p99: number;
  readonly count: number;
}

/** All in milliseconds. */
export interface Latencies {
  /** From sending a request to its first piece of text; of those whose first piece came in the window. */
  readonly firstMs: Quantiles;
  /** Mean time a token of one request, first piece excluded; of those that finished in the window. */
  readonly tokenMs: Quantiles;
  /** The same over all tokens of those requests. */
  readonly meanTokenMs: number;
  /** Between two pieces of one answer, both in the window. */
  readonly pieceMs: Quantiles;
  /** From sending a request to its end. */
  readonly requestMs: Quantiles;
  /** From sending a request to its refusal. */
  readonly refusedMs: Quantiles;
}

export interface Window {
  readonly fromMs: number;
  readonly toMs: number;
}

export function latenciesOf(observed: readonly Observed[], { fromMs, toMs }: Window): Latencies {
  const within = (atMs: number) => atMs >= fromMs && atMs <= toMs;
  const firsts: number[] = [];
  const gaps: number[] = [];
  const tokens: number[] = [];
  const wholes: number[] = [];
  const refusals: number[] = [];
  let [decodeMs, decoded] = [0, 0];
  for (const { startMs, pieceMs, end, endMs } of observed) {
    const first = pieceMs[0];
    if (first !== undefined && within(first)) firsts.push(first - startMs);
    for (let i = 1; i < pieceMs.length; i++)
      if (within(pieceMs[i - 1]!) && within(pieceMs[i]!)) gaps.push(pieceMs[i]! - pieceMs[i - 1]!);
    if (end?.kind === 'refused' && endMs !== undefined && within(endMs)) refusals.push(endMs - startMs);
    if (end?.kind !== 'finished' || endMs === undefined || !within(endMs)) continue;
    wholes.push(endMs - startMs);
    if (end.tokens < 2 || pieceMs.length < 2) continue;
    tokens.push((pieceMs.at(-1)! - first!) / (end.tokens - 1));
    decodeMs += pieceMs.at(-1)! - first!;
    decoded += end.tokens - 1;
  }
  return {
    firstMs: quantilesOf(firsts),
    tokenMs: quantilesOf(tokens),
    meanTokenMs: decodeMs / decoded,
    pieceMs: quantilesOf(gaps),
    requestMs: quantilesOf(wholes),
    refusedMs: quantilesOf(refusals),
  };
}

function quantilesOf(values: readonly number[]): Quantiles {
  return { p50: quantile(values, 0.5), p99: quantile(values, 0.99), count: values.length };
}
