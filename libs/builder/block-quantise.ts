// Symmetric block quantisation in the layouts of ONNX Runtime's MatMulNBits and GatherBlockQuantized: unsigned values
// around the default zero point 2^(bits - 1), one float32 scale a block, 4-bit pairs with the first value in the low half.
// Operators: github.com/microsoft/onnxruntime/blob/main/docs/ContribOperators.md.

export type Bits = 4 | 8;

export interface QuantisedMatrix {
  /** [rows, columns · bits / 8] */
  readonly values: Uint8Array;
  /** [rows, columns / blockSize] */
  readonly scales: Float32Array;
}

/** Blocks must not cross rows (columns % blockSize = 0). */
export function quantiseBlocks(weights: Float32Array, bits: Bits, blockSize: number): QuantisedMatrix {
  return bits === 8 ? quantise8(weights, blockSize) : quantise4(weights, blockSize);
}

/** The scale maps the largest magnitude to ±127; -128 stays unused, so that a block is symmetric. */
function quantise8(weights: Float32Array, blockSize: number): QuantisedMatrix {
  const values = new Uint8Array(weights.length);
  const scales = new Float32Array(weights.length / blockSize);
  for (let block = 0; block < scales.length; block++) {
    const start = block * blockSize;
    const scale = Math.fround(Math.abs(extreme(weights, start, blockSize)) / 127) || 1;
    scales[block] = scale;
    for (let i = start; i < start + blockSize; i++) {
      values[i] = Math.max(1, Math.min(255, Math.round(weights[i]! / scale) + 128));
    }
  }
  return { values, scales };
}

/** The scale maps the extreme, with its sign, to -8: all 16 values are used, and GGUF's Q4_0 comes through unchanged. */
function quantise4(weights: Float32Array, blockSize: number): QuantisedMatrix {
  const values = new Uint8Array(weights.length / 2);
  const scales = new Float32Array(weights.length / blockSize);
  for (let block = 0; block < scales.length; block++) {
    const start = block * blockSize;
    const scale = Math.fround(extreme(weights, start, blockSize) / -8) || 1;
    scales[block] = scale;
    for (let i = start; i < start + blockSize; i += 2) {
      values[i >> 1] = nibble(weights[i]! / scale) | (nibble(weights[i + 1]! / scale) << 4);
    }
  }
  return { values, scales };
}

function nibble(value: number): number {
  return Math.max(0, Math.min(15, Math.round(value) + 8));
}

/** The value of largest magnitude in a block. */
function extreme(weights: Float32Array, start: number, blockSize: number): number {
  let best = 0;
  for (let i = start; i < start + blockSize; i++) {
    if (Math.abs(weights[i]!) > Math.abs(best)) best = weights[i]!;
  }
  return best;
}
