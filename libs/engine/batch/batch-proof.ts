// Whether a graph of several slots does on this machine what it promises, proved before anybody relies on it: two sequences
// that share forwards, one of them fed token by token, give bitwise the logits of each alone. The second forward reads
// what the first has written, so it proves that the KV caches were written in place as well.
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

export async function isExact(
  graph: Pick<BatchGraph, 'forward'>,
  model: Pick<Model, 'advance' | 'newCache'>,
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
  return expected.every((row, i) => row.every((value, j) => value === last[i]![j]));
}
