// The graph of several slots with its weights: one forward for the sequences of many sessions. Contract as Model's: a
// portion's logits are bitwise those of its sequence alone, whatever the other slots hold.
import { InferenceSession, Tensor } from 'onnxruntime-node';
import { runInPlace } from '../in-place.js';
import type { KvCache, KvShape } from '../kv-cache.js';
import { attendedRows, batchInputs, headRows, type Portion } from './batch-inputs.js';

export interface BatchGraphOptions extends KvShape {
  readonly graphPath: string;
  readonly headSize: number;
  readonly threads: number;
  readonly numSlots: number;
  /** Tokens that attention must see of a sequence, cached ones included, for the same results in any chunking. */
  readonly fewestTokens: number;
}

export class BatchGraph {
  private logits = new Float32Array(0);
  /** Fed to unused slots, which hand it on. */
  private readonly unused: Tensor;
  private readonly names: readonly { readonly past: string[]; readonly present: string[] }[];

  private constructor(
    private readonly session: InferenceSession,
    private readonly options: BatchGraphOptions,
  ) {
    const { numSlots, numLayers, numKvHeads, headDim } = options;
    this.unused = new Tensor('float32', new Float32Array(numKvHeads * headDim), [1, numKvHeads, 1, headDim]);
    const parts = Array.from({ length: numLayers }, (_, i) => [`${i}.k`, `${i}.v`]).flat();
    this.names = Array.from({ length: numSlots }, (_, slot) => ({
      past: parts.map((part) => `past.${slot}.${part}`),
      present: parts.map((part) => `present.${slot}.${part}`),
    }));
  }

  static async load(options: BatchGraphOptions): Promise<BatchGraph> {
    const session = await InferenceSession.create(options.graphPath, {
      intraOpNumThreads: options.threads,
      logSeverityLevel: 3,
      extra: { session: { force_spinning_stop: '1' } },
    });
    return new BatchGraph(session, options);
  }

  async forward(portions: readonly Portion[]): Promise<Float32Array[]> {
    const { numSlots, fewestTokens, headSize } = this.options;
    const feeds = batchInputs(portions, numSlots, fewestTokens);
    const rows = headRows(portions);
    if (this.logits.length < rows * headSize) this.logits = new Float32Array(rows * headSize);
    const fetches: Record<string, Tensor> = {
      logits: new Tensor('float32', this.logits.subarray(0, rows * headSize), [1, rows, headSize]),
    };
    for (const [slot, { past, present }] of this.names.entries()) {
      const portion = portions[slot];
      if (portion === undefined) {
        for (const name of past) feeds[name] = this.unused;
        continue;
      }
      portion.cache.reserve(portion.cache.length + attendedRows(portion, fewestTokens));
      for (const [i, tensor] of Object.values(portion.cache.feeds).entries()) {
        feeds[past[i]!] = tensor;
        fetches[present[i]!] = tensor;
      }
    }
    await runInPlace(this.session, feeds, fetches);
    let start = 0;
    return portions.map(({ cache, tokens, rows: wanted }) => {
      cache.length += tokens.length;
      const own = this.logits.subarray(start * headSize, (start + wanted) * headSize);
      start += wanted;
      return own;
    });
  }

  async release(): Promise<void> {
    await this.session.release();
  }
}
