// Symmetric 8-bit quantisation with one scale a row of the matrix, which is one output channel of its product. No row's
// scale changes along the sum, so a product is a pure integer sum, scaled once.

export interface ChannelQuantised {
  /** Transposed, as an integer matrix product wants it: [columns, rows] */
  readonly values: Int8Array;
  /** [rows] */
  readonly scales: Float32Array;
}

/** The scale maps a row's largest magnitude to ±127. `weights` is [rows, columns]. */
export function quantiseChannels(weights: Float32Array, rows: number): ChannelQuantised {
  const columns = weights.length / rows;
  const values = new Int8Array(weights.length);
  const scales = new Float32Array(rows);
  for (let row = 0; row < rows; row++) {
    const own = weights.subarray(row * columns, (row + 1) * columns);
    let largest = 0;
    for (let column = 0; column < columns; column++) largest = Math.max(largest, Math.abs(own[column]!));
    const scale = Math.fround(largest / 127) || 1;
    scales[row] = scale;
    for (let column = 0; column < columns; column++)
      values[column * rows + row] = Math.max(-127, Math.min(127, Math.round(own[column]! / scale)));
  }
  return { values, scales };
}
