// An engine without a model: its logits are a function of every token in the KV cache, so that a cache that was mixed up
// says something else. Real slots, real caches; forwards can be watched and held.
import { StepQueue } from '#libs/drafting/index.js';
import {
  Batcher,
  type Engine,
  type ForwardJob,
  type KvCache,
  type Model,
  SlotTable,
  SlotUse,
} from '#libs/engine/index.js';

const SHAPE = { numLayers: 1, numKvHeads: 1, headDim: 1 };
const BYTES_PER_TOKEN = 8;
const MAX_BATCH_TOKENS = 64;

interface Portion {
  readonly cache: KvCache;
  readonly tokens: readonly number[];
}

export interface ToyEngineOptions {
  readonly vocabSize?: number;
  readonly contextLength?: number;
  /** Of all caches together. Default 64 × 256. */
  readonly maxTokens?: number;
  /** Sessions that can share a forward. Default 1. */
  readonly numSlots?: number;
  /** Logits behind a sequence; default toyLogits. */
  readonly logitsOf?: (sequence: Float32Array) => Float32Array;
  /** Awaited before every forward. */
  readonly beforeForward?: (tokens: readonly number[]) => Promise<void> | void;
}

export class ToyEngine implements Pick<Engine, 'model' | 'slots' | 'slotUse' | 'batcher'> {
  /** The tokens of each session in each forward, in order. */
  readonly forwards: number[][] = [];
  /** How many sessions took part in each forward. */
  readonly shared: number[] = [];
  numForwards = 0;
  readonly slots: SlotTable;
  readonly model: Model;
  readonly slotUse: SlotUse;
  readonly batcher: Batcher;
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
    this.slotUse = new SlotUse(this.slots);
    const forward = (portions: readonly Portion[]) => this.#forward(portions, vocabSize);
    const advance: Model['advance'] = async (cache, tokens) =>
      (await forward([{ cache, tokens: Array.from(tokens) }]))[0]!;
    const sideWidths = { features: 0, readFeatures: 0, states: 0 };
    this.model = { contextLength, headSize: vocabSize, sideWidths, advance } as Model;
    const { numSlots = 1 } = options;
    this.batcher = new Batcher({
      model: this.model,
      graph: numSlots > 1 ? { numSlots, forward } : undefined,
      queue: new StepQueue<ForwardJob>(),
      maxTokens: MAX_BATCH_TOKENS,
    });
  }

  async #forward(portions: readonly Portion[], vocabSize: number): Promise<Float32Array[]> {
    if (this.#isRunning) throw new Error('Two forwards at once.');
    if (portions.some(({ tokens }) => tokens.length === 0)) throw new Error('A forward without tokens.');
    this.#isRunning = true;
    try {
      await this.options.beforeForward?.(portions.flatMap(({ tokens }) => tokens));
      this.numForwards++;
      if (this.options.logitsOf === undefined) {
        this.forwards.push(...portions.map(({ tokens }) => [...tokens]));
        this.shared.push(portions.length);
      }
      return portions.map((portion) => this.#feed(portion, vocabSize));
    } finally {
      this.#isRunning = false;
    }
  }

  #feed({ cache, tokens }: Portion, vocabSize: number): Float32Array {
    cache.reserve(cache.length + tokens.length);
    const rows = cache.feeds['past.0.k']!.data as Float32Array;
    rows.set(tokens, cache.length);
    cache.length += tokens.length;
    const sequence = rows.subarray(0, cache.length);
    return this.options.logitsOf?.(sequence) ?? toyLogits(sequence, vocabSize);
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
