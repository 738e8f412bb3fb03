// An engine without a model: its logits are a function of every token in the KV cache, so that a cache that was mixed up
// says something else. Real slots, real caches; forwards can be watched and held.
import { type Engine, type KvCache, type Model, SlotTable } from '#libs/engine/index.js';

const SHAPE = { numLayers: 1, numKvHeads: 1, headDim: 1 };
const BYTES_PER_TOKEN = 8;

export interface ToyEngineOptions {
  readonly vocabSize?: number;
  readonly contextLength?: number;
  /** Of all caches together. Default 64 × 256. */
  readonly maxTokens?: number;
  /** Logits behind a sequence; default toyLogits. */
  readonly logitsOf?: (sequence: Float32Array) => Float32Array;
  /** Awaited before every forward. */
  readonly beforeForward?: (tokens: readonly number[]) => Promise<void> | void;
}

export class ToyEngine implements Pick<Engine, 'model' | 'slots'> {
  /** The tokens of each forward, in order. */
  readonly forwards: number[][] = [];
  numForwards = 0;
  readonly slots: SlotTable;
  readonly model: Model;
  #isRunning = false;
  #now = 0;

  constructor(private readonly options: ToyEngineOptions = {}) {
    const { vocabSize = 8, contextLength = 10_000, maxTokens = 64 * 256 } = options;
    this.slots = new SlotTable({
      shape: SHAPE,
      maxBytes: maxTokens * BYTES_PER_TOKEN,
      ttlMs: Number.POSITIVE_INFINITY,
      now: () => this.#now++,
    });
    const advance: Model['advance'] = (cache, tokens) => this.#advance(cache, Array.from(tokens), vocabSize);
    const sideWidths = { features: 0, readFeatures: 0, states: 0 };
    this.model = { contextLength, headSize: vocabSize, sideWidths, advance } as Model;
  }

  async #advance(cache: KvCache, tokens: number[], vocabSize: number): Promise<Float32Array> {
    if (this.#isRunning) throw new Error('Two forwards at once.');
    if (tokens.length === 0) throw new Error('A forward without tokens.');
    this.#isRunning = true;
    try {
      await this.options.beforeForward?.(tokens);
      this.numForwards++;
      if (this.options.logitsOf === undefined) this.forwards.push(tokens);
      cache.reserve(cache.length + tokens.length);
      const rows = cache.feeds['past.0.k']!.data as Float32Array;
      rows.set(tokens, cache.length);
      cache.length += tokens.length;
      const sequence = rows.subarray(0, cache.length);
      return this.options.logitsOf?.(sequence) ?? toyLogits(sequence, vocabSize);
    } finally {
      this.#isRunning = false;
    }
  }
}

/** A little peaked, and different for every sequence. */
export function toyLogits(sequence: ArrayLike<number>, vocabSize: number): Float32Array {
  let hash = 17;
  for (let i = 0; i < sequence.length; i++) hash = (Math.imul(hash, 31) + sequence[i]! + 1) >>> 0;
  return Float32Array.from({ length: vocabSize }, (_, token) => {
    const mixed = Math.imul(hash ^ (token * 0x9e3779b1), 0x85ebca6b) >>> 0;
    return ((mixed ^ (mixed >>> 13)) % 1000) / 250;
  });
}
