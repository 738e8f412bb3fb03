// The forward pass of a decoder (Llama and its relatives: architectures.ts) as an ONNX graph whose KV cache is written in place by GroupQueryAttention.
// Why this operator: its logits are bitwise the same for every chunking of the tokens, which keeps speculative text
// identical to plain text.
import { declareSlots } from './attend-slots.js';
import { addAttention } from './attention.js';
import { declareChannelProducts } from './channel-product.js';
import type { CheckpointConfig } from './checkpoint.js';
import type { DecoderWeights } from './decoder-weights.js';
import { addFeatureInput } from './feature-input.js';
import { addFeatures } from './features.js';
import { type GraphForm, GraphParts } from './graph-parts.js';
import { declareHeadShapes } from './head-norms.js';
import { lookUp, type Matrix, multiply } from './matrix.js';
import { addMlp } from './mlp.js';
import { Graph } from './onnx/graph.js';
import { ropeTables } from './rope-tables.js';
import type { StoredWeights } from './stored-weights.js';
import { declarePadding, fewestPositions, hasWideHeads } from './wide-heads.js';

export interface GraphOptions extends GraphForm {
  /** Called between parts, so that others may run and a cancelled build stops; `what` comes next. */
  readonly pause: (what: string) => Promise<void>;
}

/**
 * Inputs: input_ids int64 [1, S], seqlens_k int32 [1] (cached + S - 1), total_sequence_length int32 [1] (cached + S),
 * logit_rows int64 [R] (which of the S rows get logits), skip_mask bool [2 · numLayers] if layerSkip (attention i at 2i,
 * MLP i at 2i + 1), past.{i}.k and past.{i}.v float32 [1, numKvHeads, P, headDim]
 * (P at least 65 for heads wider than 128: wide-heads.ts).
 * With more than one slot seqlens_k, total_sequence_length, past and present are one a slot, and there are inputs that say
 * which rows are whose: attend-slots.ts. A feature draft has inputs of its own too: feature-input.ts.
 * Outputs: __stop (empty sequence), logits float32 [1, R, headSize], present.{i}.k and present.{i}.v; features, if it gives
 * them (features.ts); state float32 [1, R, hiddenSize] of a feature draft: the residual stream that the logits come from.
 */
export async function decoderGraph(
  config: CheckpointConfig,
  weights: DecoderWeights,
  stored: StoredWeights,
  options: GraphOptions,
): Promise<Graph> {
  const graph = new Graph(config.architecture);
  const parts = new GraphParts(graph, config, stored, options);
  declareInterface(parts);
  if (parts.forms.layers === 'w8') declareChannelProducts(graph);
  await options.pause('embedding');
  const embedding = parts.matrix('embedding', () => weights.embedding(), parts.forms.embedding);
  addEmbedding(parts, weights, embedding);
  for (let i = 0; i < config.numLayers; i++) {
    await options.pause(`layer ${i + 1} of ${config.numLayers}`);
    addAttention(parts, weights.layer(i), i);
    addMlp(parts, weights.layer(i), i);
  }
  if (parts.givesFeatures) addFeatures(parts);
  await options.pause('head');
  addHead(parts, weights, embedding);
  return graph;
}

function declareInterface(parts: GraphParts): void {
  const { graph, config } = parts;
  const { numLayers, headDim, contextLength } = config;
  graph.input('input_ids', 'int64', [1, 'S']);
  graph.input('logit_rows', 'int64', ['R']);
  // First of the outputs on purpose: whoever fetches it stops the binding from copying the KV buffers out.
  graph.sequenceOutput(graph.node('SequenceEmpty', [], ['__stop'], { dtype: { int: 1 } }));
  graph.output('logits', 'float32', [1, 'R', config.headSize]);
  if (parts.numSlots > 1) declareSlots(parts);
  else declareSequence(parts);
  const positions = Math.max(contextLength, fewestPositions(config));
  const { cos, sin } = ropeTables(positions, headDim, config.ropeTheta);
  parts.table('rope.cos', [positions, headDim / 2], () => cos);
  parts.table('rope.sin', [positions, headDim / 2], () => sin);
  if (parts.architecture.headNorms) declareHeadShapes(parts);
  if (!parts.layerSkip) return;
  graph.input('skip_mask', 'bool', [2 * numLayers]);
  const flags = Array.from({ length: 2 * numLayers }, (_, i) => `skip.${i}`);
  graph.node('Split', ['skip_mask'], flags, { axis: { int: 0 }, num_outputs: { int: flags.length } });
}

function declareSequence(parts: GraphParts): void {
  const { graph, config } = parts;
  graph.input('seqlens_k', 'int32', [1]);
  graph.input('total_sequence_length', 'int32', [1]);
  for (let i = 0; i < config.numLayers; i++) {
    for (const part of ['k', 'v']) {
      graph.input(`past.${i}.${part}`, 'float32', [1, config.numKvHeads, 'P', config.headDim]);
      graph.output(`present.${i}.${part}`, 'float32', [1, config.numKvHeads, 'P', config.headDim]);
    }
  }
  if (hasWideHeads(config)) declarePadding(parts);
}

function addEmbedding(parts: GraphParts, weights: DecoderWeights, embedding: Matrix): void {
  const { graph, config } = parts;
  if (parts.readsFeatures) {
    addFeatureInput(parts, weights.featureInput(), lookUp(graph, 'input_ids', embedding, 'embedded'));
    return;
  }
  if (config.embeddingScale === 1) {
    lookUp(graph, 'input_ids', embedding, 'x.0');
    return;
  }
  // Not folded into the table, which may also be the head.
  const rows = lookUp(graph, 'input_ids', embedding, 'embedded');
  const scale = graph.constant('embedding_scale', 'float32', [], Float32Array.of(config.embeddingScale));
  graph.node('Mul', [rows, scale], ['x.0']);
}

/** Rows are picked before the head: a long prompt pays for the rows that are wanted, not for all. */
function addHead(parts: GraphParts, weights: DecoderWeights, embedding: Matrix): void {
  const { graph, config } = parts;
  const last = `x.${2 * config.numLayers}`;
  const picked = parts.readsFeatures ? 'state' : 'picked';
  const rows = graph.node('Gather', [last, 'logit_rows'], [picked], { axis: { int: 1 } });
  if (parts.readsFeatures) graph.output('state', 'float32', [1, 'R', config.hiddenSize]);
  const normed = parts.norm(
    graph,
    rows,
    parts.vector('final_norm', () => weights.finalNorm()),
    'head_in',
  );
  const { head } = parts.forms;
  const shared = config.tiedHead && parts.forms.embedding === head;
  const matrix = shared
    ? embedding
    : parts.matrix('head', () => (config.tiedHead ? weights.embedding() : weights.head()), head);
  if (config.logitSoftcap === null) multiply(graph, graph, normed, matrix, 'logits');
  else addSoftcap(graph, multiply(graph, graph, normed, matrix, 'raw_logits'), config.logitSoftcap);
}

/** c · tanh(x / c) */
function addSoftcap(graph: Graph, x: string, limit: number): void {
  const cap = graph.constant('logit_softcap', 'float32', [], Float32Array.of(limit));
  const divided = graph.node('Div', [x, cap], ['logits_in_caps']);
  graph.node('Mul', [graph.node('Tanh', [divided], ['logits_bent']), cap], ['logits']);
}
