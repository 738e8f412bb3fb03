// The weights of one layer in the groups that the graph multiplies by, each read when it is asked for.

/** One row-major matrix, possibly of several tensors stacked. */
export interface Stack {
  readonly weights: Float32Array;
  readonly rows: number;
}

/** The groups of one layer; null is what the architecture has not. */
export interface LayerWeights {
  readonly attentionNorm: () => Float32Array;
  readonly qkv: () => Stack;
  readonly qkvBias: (() => Float32Array) | null;
  readonly queryNorm: (() => Float32Array) | null;
  readonly keyNorm: (() => Float32Array) | null;
  readonly attentionOutput: () => Stack;
  readonly attentionPostNorm: (() => Float32Array) | null;
  readonly mlpNorm: () => Float32Array;
  readonly gateUp: () => Stack;
  readonly down: () => Stack;
  readonly mlpPostNorm: (() => Float32Array) | null;
}
