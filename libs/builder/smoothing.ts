// Smoothing (SmoothQuant, arxiv.org/abs/2211.10438): a few channels of the activations are far larger than the others, and
// whatever shares a scale with them loses its bits. What a channel is divided by here, where its values come from, its
// weights are multiplied by: the model's function stays the same, and nothing is paid when it runs. Only powers of two, so
// that floats lose nothing and observations that differ in their last bits give the same weights.
import type { CheckpointConfig } from './checkpoint.js';
import type { LayerWeights, Stack } from './layer-weights.js';
import { divide, divideRows, largestOfColumns, multiplyColumns } from './scaled-weights.js';

/** By the matrix's name (`l0.qkv`): the largest magnitude of each channel that goes into its product. [columns] */
export type InputMaxima = ReadonlyMap<string, Float32Array>;

/** How much of a channel's size its weights take over: 0 none, 1 all. Measured: docs/decisions/0021. */
const EXPONENT = 0.6;

/** The same layer with smaller differences between channels. Read and computed once, when something of it is asked for. */
export function smoothLayer(
  weights: LayerWeights,
  index: number,
  maxima: InputMaxima,
  config: CheckpointConfig,
): LayerWeights {
  let known: SmoothedParts | undefined;
  const parts = () => {
    known ??= smoothed(weights, (place) => maxima.get(`l${index}.${place}`), config);
    return known;
  };
  return {
    ...weights,
    attentionNorm: () => parts().attentionNorm,
    qkv: () => parts().qkv,
    qkvBias: weights.qkvBias && (() => parts().qkvBias!),
    attentionOutput: () => parts().attentionOutput,
    mlpNorm: () => parts().mlpNorm,
    gateUp: () => parts().gateUp,
    down: () => parts().down,
  };
}

type SmoothedParts = ReturnType<typeof smoothed>;

function smoothed(
  weights: LayerWeights,
  maximaOf: (place: string) => Float32Array | undefined,
  config: CheckpointConfig,
) {
  const { numHeads, numKvHeads, headDim, feedForwardSize } = config;
  const valueStart = (numHeads + numKvHeads) * headDim;
  const output = weights.attentionOutput();
  const values = largestOfGroups(divisorsOf(output, maximaOf('attention_output')), config);
  const qkv = divideRows(weights.qkv(), valueStart, values);
  const attention = divisorsOf(qkv, maximaOf('qkv'));
  const down = weights.down();
  const gated = divisorsOf(down, maximaOf('down'));
  const gateUp = divideRows(weights.gateUp(), feedForwardSize, gated);
  const mlp = divisorsOf(gateUp, maximaOf('gate_up'));
  return {
    attentionNorm: divide(weights.attentionNorm(), 0, attention),
    qkv: multiplyColumns(qkv, attention),
    qkvBias: weights.qkvBias && divide(weights.qkvBias(), valueStart, values),
    attentionOutput: multiplyColumns(output, perQueryHead(values, config)),
    mlpNorm: divide(weights.mlpNorm(), 0, mlp),
    gateUp: multiplyColumns(gateUp, mlp),
    down: multiplyColumns(down, gated),
  };
}

/** What the channels in front of a matrix are to be divided by. [columns] */
function divisorsOf(stack: Stack, maxima: Float32Array | undefined): Float32Array {
  const largest = largestOfColumns(stack);
  if (maxima?.length !== largest.length)
    throw new RangeError(`Maxima of ${maxima?.length} channels for a matrix of ${largest.length} columns`);
  return maxima.map((max, i) => {
    const divisor = 2 ** Math.round(Math.log2(max ** EXPONENT / largest[i]! ** (1 - EXPONENT)));
    // A channel that was always 0, or whose weights are, has nothing to give.
    return Number.isFinite(divisor) && divisor > 0 ? divisor : 1;
  });
}

/** The query heads of a group read one value head, so they must agree. [numKvHeads · headDim] */
function largestOfGroups(perQuery: Float32Array, { numHeads, numKvHeads, headDim }: CheckpointConfig) {
  const shared = new Float32Array(numKvHeads * headDim);
  for (const [i, divisor] of perQuery.entries()) {
    const at = valueChannel(i, numHeads / numKvHeads, headDim);
    shared[at] = Math.max(shared[at]!, divisor);
  }
  return shared;
}

/** [numHeads · headDim] */
function perQueryHead(values: Float32Array, { numHeads, numKvHeads, headDim }: CheckpointConfig) {
  return Float32Array.from(
    { length: numHeads * headDim },
    (_, i) => values[valueChannel(i, numHeads / numKvHeads, headDim)]!,
  );
}

/** Of the value heads, the channel that a channel of the query heads reads. */
function valueChannel(channel: number, group: number, headDim: number): number {
  return Math.floor(channel / (group * headDim)) * headDim + (channel % headDim);
}
