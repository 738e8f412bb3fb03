// Cosines and sines of the rotary position embedding (arxiv.org/abs/2104.09864), as GroupQueryAttention reads them.

export interface RopeTables {
  /** [contextLength, headDim / 2] */
  readonly cos: Float32Array;
  /** [contextLength, headDim / 2] */
  readonly sin: Float32Array;
}

export function ropeTables(contextLength: number, headDim: number, theta: number): RopeTables {
  const half = headDim / 2;
  const cos = new Float32Array(contextLength * half);
  const sin = new Float32Array(contextLength * half);
  const frequencies = Array.from({ length: half }, (_, i) => theta ** ((-2 * i) / headDim));
  for (let position = 0; position < contextLength; position++) {
    for (let i = 0; i < half; i++) {
      const angle = position * frequencies[i]!;
      cos[position * half + i] = Math.cos(angle);
      sin[position * half + i] = Math.sin(angle);
    }
  }
  return { cos, sin };
}
