// Whether a graph of several slots does on this machine what it promises, proved before anybody relies on it: two sequences
// that share forwards, one of them fed token by token, give the logits of each alone: bitwise those of an exact model. The
// second forward reads what the first has written, so it proves that the KV caches were written in place as well.
import type { Model } from '../model.js';
import type { BatchGraph } from './batch-graph.js';

const SEQUENCES = [
  [0, 1, 2, 3],
  [3, 1],
];
/** Where the first and the second forward end. */
const ENDS = [
  [2, 4],
  [1, 2],
];

/** Of a row's length: what roundings of 8-bit activations, in other kernels, may add up to. */
const NEAR = 0.05;

export async function keepsPromise(
  graph: Pick<BatchGraph, 'forward'>,
  model: Pick<Model, 'advance' | 'newCache'>,
  exact: boolean,
): Promise<boolean> {
  const caches = SEQUENCES.map(() => model.newCache());
  const expected: Float32Array[] = [];
  for (const sequence of SEQUENCES)
    expected.push(Float32Array.from(await model.advance(model.newCache(), sequence, 1)));
  let last: readonly Float32Array[] = [];
  try {
    for (const step of [0, 1])
      last = await graph.forward(
        SEQUENCES.map((sequence, i) => {
          const tokens = sequence.slice(caches[i]!.length, ENDS[i]![step]);
          return { cache: caches[i]!, tokens, rows: step };
        }),
      );
  } catch {
    return false;
  }
  const isSame = exact ? isEqual : isNear;
  return expected.every((row, i) => isSame(row, last[i]!));
}

function isEqual(row: Float32Array, other: Float32Array): boolean {
  return row.every((value, i) => value === other[i]);
}

function isNear(row: Float32Array, other: Float32Array): boolean {
  const differences = row.map((value, i) => value - other[i]!);
  return lengthOf(differences) <= NEAR * lengthOf(row);
}

function lengthOf(row: Float32Array): number {
  return Math.sqrt(row.reduce((sum, value) => sum + value * value, 0));
}
