// The Llama forward pass as an ONNX graph whose KV cache is written in place by GroupQueryAttention.
// Why this operator: its logits are bitwise the same for every chunking of the tokens (see docs on exactness).
import type { CheckpointConfig } from './checkpoint.js';
import { type LlamaWeights } from './llama-weights.js';
import { lookUp, type Matrix, multiply, storeMatrix, type WeightBits } from './matrix.js';
import { Graph, MICROSOFT } from './onnx/graph.js';
import { ropeTables } from './rope-tables.js';
import { addSubLayer } from './sub-layer.js';
import type { WeightFile } from './weight-file.js';

export interface GraphOptions {
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
export class LlamaGraph {
  private readonly graph = new Graph('llama');

  constructor(
    private readonly config: CheckpointConfig,
    private readonly weights: LlamaWeights,
    private readonly file: WeightFile,
    private readonly options: GraphOptions,
  ) {}

  async build(): Promise<Graph> {
    const { numLayers } = this.config;
    this.declareInterface();
    await this.options.pause('embedding');
    const embedding = this.store('embedding', this.weights.embedding(), this.options.embeddingBits);
    lookUp(this.graph, 'input_ids', embedding, 'x.0');
    for (let i = 0; i < numLayers; i++) {
      await this.options.pause(`layer ${i + 1} of ${numLayers}`);
      this.attention(i);
      this.mlp(i);
    }
    await this.options.pause('head');
    this.head(embedding);
    return this.graph;
  }

  private declareInterface(): void {
    const { headSize, numLayers, numKvHeads, headDim, contextLength, ropeTheta } = this.config;
    const graph = this.graph;
    graph.input('input_ids', 'int64', [1, 'S']);
    graph.input('seqlens_k', 'int32', [1]);
    graph.input('total_sequence_length', 'int32', [1]);
    graph.input('logit_rows', 'int64', ['R']);
    // First of the outputs on purpose: whoever fetches it stops the binding from copying the KV buffers out.
    graph.sequenceOutput(graph.node('SequenceEmpty', [], ['__stop'], { dtype: { int: 1 } }));
    graph.output('logits', 'float32', [1, 'R', headSize]);
    for (let i = 0; i < numLayers; i++) {
      for (const part of ['k', 'v']) {
        graph.input(`past.${i}.${part}`, 'float32', [1, numKvHeads, 'P', headDim]);
        graph.output(`present.${i}.${part}`, 'float32', [1, numKvHeads, 'P', headDim]);
      }
    }
    const { cos, sin } = ropeTables(contextLength, headDim, ropeTheta);
    graph.external('rope.cos', 'float32', [contextLength, headDim / 2], this.file.append(cos));
    graph.external('rope.sin', 'float32', [contextLength, headDim / 2], this.file.append(sin));
    if (!this.options.layerSkip) return;
    graph.input('skip_mask', 'bool', [2 * numLayers]);
    const flags = Array.from({ length: 2 * numLayers }, (_, i) => `skip.${i}`);
    graph.node('Split', ['skip_mask'], flags, { axis: { int: 0 }, num_outputs: { int: flags.length } });
  }

  private attention(i: number): void {
    const { hiddenSize, numKvHeads, headDim } = this.config;
    const layer = this.weights.layer(i);
    const norm = this.constant(`l${i}.attention_norm`, layer.attentionNorm());
    const qkv = this.store(`l${i}.qkv`, layer.qkv());
    const project = this.store(`l${i}.attention_output`, layer.attentionOutput());
    const kvDims = [1, numKvHeads, 'P', headDim];
    addSubLayer(this.graph, {
      name: `l${i}.attention`,
      skip: this.options.layerSkip ? `skip.${2 * i}` : null,
      renewed: [
        { input: `x.${2 * i}`, output: `x.${2 * i + 1}`, dims: [1, 'S', hiddenSize] },
        { input: `past.${i}.k`, output: `present.${i}.k`, dims: kvDims },
        { input: `past.${i}.v`, output: `present.${i}.v`, dims: kvDims },
      ],
      compute: (graph, [x, ...present]) => {
        const normed = this.norm(graph, `x.${2 * i}`, norm, `l${i}.attention_in`);
        const packed = multiply(this.graph, graph, normed, qkv, `l${i}.qkv_out`);
        const past = [`past.${i}.k`, `past.${i}.v`];
        const inputs = [
          packed,
          '',
          '',
          ...past,
          'seqlens_k',
          'total_sequence_length',
          'rope.cos',
          'rope.sin',
        ];
        graph.node(
          'GroupQueryAttention',
          inputs,
          [`l${i}.heads`, ...present],
          this.attentionAttributes(),
          MICROSOFT,
        );
        const projected = multiply(this.graph, graph, `l${i}.heads`, project, `l${i}.attention_out`);
        graph.node('Add', [`x.${2 * i}`, projected], [x!]);
      },
    });
  }

  private attentionAttributes() {
    const { numHeads, numKvHeads, headDim, slidingWindow } = this.config;
    return {
      num_heads: { int: numHeads },
      kv_num_heads: { int: numKvHeads },
      do_rotary: { int: 1 },
      rotary_interleaved: { int: 0 },
      scale: { float: headDim ** -0.5 },
      local_window_size: { int: slidingWindow ?? -1 },
    };
  }

  private mlp(i: number): void {
    const { hiddenSize, feedForwardSize } = this.config;
    const layer = this.weights.layer(i);
    const norm = this.constant(`l${i}.mlp_norm`, layer.mlpNorm());
    const gateUp = this.store(`l${i}.gate_up`, layer.gateUp());
    const down = this.store(`l${i}.down`, layer.down());
    if (i === 0) {
      this.graph.constant(
        'gate_up_sizes',
        'int64',
        [2],
        BigInt64Array.of(BigInt(feedForwardSize), BigInt(feedForwardSize)),
      );
    }
    addSubLayer(this.graph, {
      name: `l${i}.mlp`,
      skip: this.options.layerSkip ? `skip.${2 * i + 1}` : null,
      renewed: [{ input: `x.${2 * i + 1}`, output: `x.${2 * i + 2}`, dims: [1, 'S', hiddenSize] }],
      compute: (graph, [x]) => {
        const normed = this.norm(graph, `x.${2 * i + 1}`, norm, `l${i}.mlp_in`);
        const both = multiply(this.graph, graph, normed, gateUp, `l${i}.gate_up_out`);
        graph.node('Split', [both, 'gate_up_sizes'], [`l${i}.gate`, `l${i}.up`], { axis: { int: -1 } });
        // QuickGelu with alpha 1 is SiLU.
        graph.node('QuickGelu', [`l${i}.gate`], [`l${i}.silu`], { alpha: { float: 1 } }, MICROSOFT);
        graph.node('Mul', [`l${i}.silu`, `l${i}.up`], [`l${i}.gated`]);
        const projected = multiply(this.graph, graph, `l${i}.gated`, down, `l${i}.down_out`);
        graph.node('Add', [`x.${2 * i + 1}`, projected], [x!]);
      },
    });
  }

  /** Rows are picked before the head: a long prompt pays for one row of logits, not for all. */
  private head(embedding: Matrix): void {
    const { numLayers, tiedHead } = this.config;
    const graph = this.graph;
    const rows = graph.node('Gather', [`x.${2 * numLayers}`, 'logit_rows'], ['picked'], { axis: { int: 1 } });
    const normed = this.norm(graph, rows, this.constant('final_norm', this.weights.finalNorm()), 'head_in');
    const shared = tiedHead && embedding.bits === this.options.bits;
    const matrix = shared
      ? embedding
      : this.store('head', tiedHead ? this.weights.embedding() : this.weights.head());
    multiply(graph, graph, normed, matrix, 'logits');
  }

  private norm(graph: Graph, x: string, weights: string, output: string): string {
    const attributes = { axis: { int: -1 }, epsilon: { float: this.config.rmsEpsilon } };
    return graph.node('SimplifiedLayerNormalization', [x, weights], [output], attributes);
  }

  private constant(name: string, values: Float32Array): string {
    return this.graph.external(name, 'float32', [values.length], this.file.append(values));
  }

  private store(
    name: string,
    stack: { weights: Float32Array; rows: number },
    bits = this.options.bits,
  ): Matrix {
    return storeMatrix(this.file, name, stack.weights, stack.rows, bits);
  }
}
