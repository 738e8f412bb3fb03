// The tensors of a checkpoint, read one at a time in the groups that the graph multiplies by.
import { ARCHITECTURES, type Architecture } from './architectures.js';
import type { Checkpoint } from './checkpoint.js';
import { damaged, unsupported } from './damaged.js';
import { expectedTensors, FEATURE_PARTS, type StackName } from './expected-tensors.js';
import type { FeatureInputWeights } from './feature-input.js';
import type { LayerWeights, Stack } from './layer-weights.js';
import { type InputMaxima, smoothLayer } from './smoothing.js';

export class DecoderWeights {
  readonly architecture: Architecture;

  /**
   * @param maxima If given, layers are smoothed by them.
   * @param name Of the stack whose layers these are; `feature` is that of a feature draft, beside the stand-alone one.
   */
  constructor(
    private readonly checkpoint: Checkpoint,
    private readonly maxima?: InputMaxima,
    private readonly name: StackName = 'model',
  ) {
    const { config, path } = checkpoint;
    this.architecture = ARCHITECTURES[config.architecture];
    const expected = expectedTensors(config, this.architecture);
    const strange = checkpoint.tensorNames.find((name) => !expected.has(name));
    if (strange !== undefined)
      throw unsupported(path, `tensor ${strange} has no place in the graph of ${config.architecture}`);
  }

  embedding(): Stack {
    const { vocabSize, hiddenSize } = this.checkpoint.config;
    return this.stack([['model.embed_tokens.weight', vocabSize]], hiddenSize);
  }

  /** Only for checkpoints without a tied head. */
  head(): Stack {
    const { headSize, hiddenSize } = this.checkpoint.config;
    return this.stack([['lm_head.weight', headSize]], hiddenSize);
  }

  finalNorm(): Float32Array {
    return this.norm(`${this.name}.norm.weight`, this.checkpoint.config.hiddenSize);
  }

  /** Only of a feature draft. */
  featureInput(): FeatureInputWeights {
    const { hiddenSize, featureDraft } = this.checkpoint.config;
    const { fusion, embeddingNorm, stateNorm, input } = FEATURE_PARTS;
    return {
      fusion: () => this.stack([[fusion, hiddenSize]], featureDraft!.width),
      embeddingNorm: () => this.norm(embeddingNorm, hiddenSize),
      stateNorm: () => this.norm(stateNorm, hiddenSize),
      input: () => this.stack([[input, hiddenSize]], 2 * hiddenSize),
    };
  }

  layer(index: number): LayerWeights {
    const plain = this.plainLayer(index);
    if (this.maxima === undefined) return plain;
    return smoothLayer(plain, index, this.maxima, this.checkpoint.config);
  }

  private plainLayer(index: number): LayerWeights {
    const { hiddenSize, numHeads, numKvHeads, headDim, feedForwardSize } = this.checkpoint.config;
    const { qkvBias, headNorms, postNorms } = this.architecture;
    const name = (part: string, kind = 'weight') => `${this.name}.layers.${index}.${part}.${kind}`;
    const [queryRows, kvRows] = [numHeads * headDim, numKvHeads * headDim];
    const projections = [
      ['self_attn.q_proj', queryRows],
      ['self_attn.k_proj', kvRows],
      ['self_attn.v_proj', kvRows],
    ] as const;
    const gated = ['mlp.gate_proj', 'mlp.up_proj'];
    const matrix = (part: string, rows: number, columns: number) => this.stack([[name(part), rows]], columns);
    const norm = (part: string, width = hiddenSize) => this.norm(name(part), width);
    return {
      attentionNorm: () => norm('input_layernorm'),
      qkv: () =>
        this.stack(
          projections.map(([part, rows]) => [name(part), rows]),
          hiddenSize,
        ),
      qkvBias: qkvBias
        ? () => this.join(projections.map(([part, rows]) => [name(part, 'bias'), rows]))
        : null,
      queryNorm: headNorms ? () => norm('self_attn.q_norm', headDim) : null,
      keyNorm: headNorms ? () => norm('self_attn.k_norm', headDim) : null,
      attentionOutput: () => matrix('self_attn.o_proj', hiddenSize, queryRows),
      attentionPostNorm: postNorms ? () => norm('post_attention_layernorm') : null,
      // With norms behind the sub-layers the name of the second one moves there.
      mlpNorm: () => norm(postNorms ? 'pre_feedforward_layernorm' : 'post_attention_layernorm'),
      gateUp: () =>
        this.stack(
          gated.map((part) => [name(part), feedForwardSize]),
          hiddenSize,
        ),
      down: () => matrix('mlp.down_proj', hiddenSize, feedForwardSize),
      mlpPostNorm: postNorms ? () => norm('post_feedforward_layernorm') : null,
    };
  }

  private norm(name: string, width: number): Float32Array {
    const values = this.finite(name, [width]);
    return this.checkpoint.config.normOffset === 0 ? values : values.map((value) => value + 1);
  }

  private stack(parts: readonly (readonly [name: string, rows: number])[], columns: number): Stack {
    const [first] = parts;
    if (parts.length === 1) return { weights: this.finite(first![0], [first![1], columns]), rows: first![1] };
    const rows = parts.reduce((sum, [, partRows]) => sum + partRows, 0);
    const weights = new Float32Array(rows * columns);
    let at = 0;
    for (const [name, partRows] of parts) {
      weights.set(this.finite(name, [partRows, columns]), at);
      at += partRows * columns;
    }
    return { weights, rows };
  }

  /** Vectors end to end. */
  private join(parts: readonly (readonly [name: string, length: number])[]): Float32Array {
    return Float32Array.from(parts.flatMap(([name, length]) => [...this.finite(name, [length])]));
  }

  /** One NaN would silence the whole model, so it is refused here, where its place is known. */
  private finite(name: string, shape: readonly number[]): Float32Array {
    const values = this.checkpoint.tensor(name, shape);
    const bad = values.findIndex((value) => !Number.isFinite(value));
    if (bad !== -1)
      throw damaged(this.checkpoint.path, `tensor ${name} holds ${values[bad]} at position ${bad}`);
    return values;
  }
}
