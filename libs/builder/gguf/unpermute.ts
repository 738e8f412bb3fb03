// GGUF keeps the q and k rows of Llama models in interleaved rotary order; our graph rotates halves, as Hugging Face does.

/**
 * Row 2j + half of a head in GGUF is row half · headDim / 2 + j of that head in Hugging Face's layout.
 * `weights` is [numHeads · headDim, columns]; returns a new array.
 */
export function unpermuteRows(
  weights: Float32Array,
  numHeads: number,
  headDim: number,
  columns: number,
): Float32Array {
  const result = new Float32Array(weights.length);
  const halfDim = headDim / 2;
  for (let row = 0; row < numHeads * headDim; row++) {
    const inHead = row % headDim;
    const to = row - inHead + (inHead % 2) * halfDim + (inHead >> 1);
    result.set(weights.subarray(row * columns, (row + 1) * columns), to * columns);
  }
  return result;
}
