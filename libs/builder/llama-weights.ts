// The tensors of a Llama checkpoint, read one at a time in the groups that the graph multiplies by.
import type { Checkpoint } from './checkpoint.js';
import { damaged, unsupported } from './damaged.js';

/** One row-major matrix, possibly of several tensors stacked. */
export interface Stack {
  readonly weights: Float32Array;
  readonly rows: number;
}

export class LlamaWeights {
  constructor(private readonly checkpoint: Checkpoint) {
    const { config, path } = checkpoint;
    const expected = expectedNames(config.numLayers);
    const strange = checkpoint.tensorNames.find((name) => !expected.has(name));
    if (strange !== undefined) throw unsupported(path, `tensor ${strange} has no place in the Llama graph`);
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
    return this.norm('model.norm.weight');
  }

  layer(index: number) {
    const { hiddenSize, numHeads, numKvHeads, headDim, feedForwardSize } = this.checkpoint.config;
    const name = (part: string) => `model.layers.${index}.${part}.weight`;
    const kvRows = numKvHeads * headDim;
    return {
      attentionNorm: () => this.norm(name('input_layernorm')),
      qkv: () =>
        this.stack(
          [
            [name('self_attn.q_proj'), numHeads * headDim],
            [name('self_attn.k_proj'), kvRows],
            [name('self_attn.v_proj'), kvRows],
          ],
          hiddenSize,
        ),
      attentionOutput: () => this.stack([[name('self_attn.o_proj'), hiddenSize]], numHeads * headDim),
      mlpNorm: () => this.norm(name('post_attention_layernorm')),
      gateUp: () =>
        this.stack(
          [
            [name('mlp.gate_proj'), feedForwardSize],
            [name('mlp.up_proj'), feedForwardSize],
          ],
          hiddenSize,
        ),
      down: () => this.stack([[name('mlp.down_proj'), hiddenSize]], feedForwardSize),
    };
  }

  private norm(name: string): Float32Array {
    return this.finite(name, [this.checkpoint.config.hiddenSize]);
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

  /** One NaN would silence the whole model, so it is refused here, where its place is known. */
  private finite(name: string, shape: readonly number[]): Float32Array {
    const values = this.checkpoint.tensor(name, shape);
    const bad = values.findIndex((value) => !Number.isFinite(value));
    if (bad !== -1)
      throw damaged(this.checkpoint.path, `tensor ${name} holds ${values[bad]} at position ${bad}`);
    return values;
  }
}

function expectedNames(numLayers: number): Set<string> {
  // A tied checkpoint may carry a copy of the head all the same.
  const names = new Set(['model.embed_tokens.weight', 'model.norm.weight', 'lm_head.weight']);
  const parts = ['input_layernorm', 'post_attention_layernorm'];
  parts.push(...['q', 'k', 'v', 'o'].map((part) => `self_attn.${part}_proj`));
  parts.push(...['gate', 'up', 'down'].map((part) => `mlp.${part}_proj`));
  for (let i = 0; i < numLayers; i++) for (const part of parts) names.add(`model.layers.${i}.${part}.weight`);
  return names;
}
