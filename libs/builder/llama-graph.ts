// The Llama forward pass as an ONNX graph whose KV cache is written in place by GroupQueryAttention.
// Why this operator: its logits are bitwise the same for every chunking of the tokens, which keeps speculative text
// identical to plain text.
import type { CheckpointConfig } from './checkpoint.js';
import { GraphParts } from './graph-parts.js';
import { addAttention, addMlp } from './llama-layer.js';
import type { LlamaWeights } from './llama-weights.js';
import { lookUp, type Matrix, multiply, type WeightBits } from './matrix.js';
import { Graph } from './onnx/graph.js';
import { ropeTables } from './rope-tables.js';
import type { WeightFile } from './weight-file.js';

export interface GraphOptions {
  /** Bits of all matrices but the embedding. */
  readonly bits: WeightBits;
  readonly embeddingBits: WeightBits;
  readonly layerSkip: boolean;
  /** Called between parts, so that others may run and a cancelled build stops; `what` comes next. */
  readonly pause: (what: string) => Promise<void>;
}

/**
 * Inputs: input_ids int64 [1, S], seqlens_k int32 [1] (cached + S - 1), total_sequence_length int32 [1] (cached + S),
 * logit_rows int64 [R] (which of the S rows get logits), skip_mask bool [2 · numLayers] if layerSkip (attention i at 2i,
 * MLP i at 2i + 1), past.{i}.k and past.{i}.v float32 [1, numKvHeads, P, headDim].
 * Outputs: __stop (empty sequence), logits float32 [1, R, headSize], present.{i}.k and present.{i}.v.
 */
export async function llamaGraph(
  config: CheckpointConfig,
  weights: LlamaWeights,
  file: WeightFile,
  options: GraphOptions,
): Promise<Graph> {
  const graph = new Graph('llama');
  const parts = new GraphParts(graph, config, file, options.bits, options.layerSkip);
  declareInterface(parts);
  await options.pause('embedding');
  const embedding = parts.matrix('embedding', weights.embedding(), options.embeddingBits);
  lookUp(graph, 'input_ids', embedding, 'x.0');
  for (let i = 0; i < config.numLayers; i++) {
    await options.pause(`layer ${i + 1} of ${config.numLayers}`);
    addAttention(parts, weights.layer(i), i);
    addMlp(parts, weights.layer(i), i);
  }
  await options.pause('head');
  addHead(parts, weights, embedding);
  return graph;
}

function declareInterface(parts: GraphParts): void {
  const { graph, config } = parts;
  const { numLayers, numKvHeads, headDim, contextLength } = config;
  graph.input('input_ids', 'int64', [1, 'S']);
  graph.input('seqlens_k', 'int32', [1]);
  graph.input('total_sequence_length', 'int32', [1]);
  graph.input('logit_rows', 'int64', ['R']);
  // First of the outputs on purpose: whoever fetches it stops the binding from copying the KV buffers out.
  graph.sequenceOutput(graph.node('SequenceEmpty', [], ['__stop'], { dtype: { int: 1 } }));
  graph.output('logits', 'float32', [1, 'R', config.headSize]);
  for (let i = 0; i < numLayers; i++) {
    for (const part of ['k', 'v']) {
      graph.input(`past.${i}.${part}`, 'float32', [1, numKvHeads, 'P', headDim]);
      graph.output(`present.${i}.${part}`, 'float32', [1, numKvHeads, 'P', headDim]);
    }
  }
  const { cos, sin } = ropeTables(contextLength, headDim, config.ropeTheta);
  parts.table('rope.cos', [contextLength, headDim / 2], cos);
  parts.table('rope.sin', [contextLength, headDim / 2], sin);
  if (!parts.layerSkip) return;
  graph.input('skip_mask', 'bool', [2 * numLayers]);
  const flags = Array.from({ length: 2 * numLayers }, (_, i) => `skip.${i}`);
  graph.node('Split', ['skip_mask'], flags, { axis: { int: 0 }, num_outputs: { int: flags.length } });
}

/** Rows are picked before the head: a long prompt pays for the rows that are wanted, not for all. */
function addHead(parts: GraphParts, weights: LlamaWeights, embedding: Matrix): void {
  const { graph, config } = parts;
  const last = `x.${2 * config.numLayers}`;
  const rows = graph.node('Gather', [last, 'logit_rows'], ['picked'], { axis: { int: 1 } });
  const normed = parts.norm(graph, rows, parts.vector('final_norm', weights.finalNorm()), 'head_in');
  const shared = config.tiedHead && embedding.bits === parts.bits;
  const matrix = shared
    ? embedding
    : parts.matrix('head', config.tiedHead ? weights.embedding() : weights.head());
  multiply(graph, graph, normed, matrix, 'logits');
}
