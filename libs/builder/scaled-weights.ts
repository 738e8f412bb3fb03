// Vectors and matrices with their rows or columns scaled; the originals stay as they are.
import type { Stack } from './layer-weights.js';

/** Divides the values from `start` on by `by`, one by one. */
export function divide(values: Float32Array, start: number, by: Float32Array): Float32Array {
  const divided = Float32Array.from(values);
  for (const [i, divisor] of by.entries()) divided[start + i]! /= divisor;
  return divided;
}

/** Divides the rows from `start` on. */
export function divideRows({ weights, rows }: Stack, start: number, by: Float32Array): Stack {
  const columns = weights.length / rows;
  const divided = Float32Array.from(weights);
  for (const [i, divisor] of by.entries()) {
    const from = (start + i) * columns;
    for (let at = from; at < from + columns; at++) divided[at]! /= divisor;
  }
  return { weights: divided, rows };
}

export function multiplyColumns({ weights, rows }: Stack, by: Float32Array): Stack {
  const multiplied = new Float32Array(weights.length);
  for (let at = 0; at < weights.length; )
    for (let column = 0; column < by.length; column++, at++) multiplied[at] = weights[at]! * by[column]!;
  return { weights: multiplied, rows };
}

/** [columns] */
export function largestOfColumns({ weights, rows }: Stack): Float32Array {
  const largest = new Float32Array(weights.length / rows);
  for (let at = 0; at < weights.length; )
    for (let column = 0; column < largest.length; column++, at++)
      largest[column] = Math.max(largest[column]!, Math.abs(weights[at]!));
  return largest;
}
