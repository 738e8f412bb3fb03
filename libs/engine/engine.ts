// A model with its slots and its batcher: what one thread holds.
import { BatchGraph } from './batch/batch-graph.js';
import { isExact } from './batch/batch-proof.js';
import type { BatchQueue } from './batch/batch-queue.js';
import { Batcher } from './batch/batcher.js';
import { FifoQueue } from './batch/fifo-queue.js';
import type { ForwardJob } from './batch/forward-job.js';
import { featureDraftOptions } from './feature-draft.js';
import { Model } from './model.js';
import type { ModelOptions } from './model-options.js';
import { SlotUse } from './slot-use.js';
import { SlotTable } from './slots.js';

export interface EngineOptions {
  readonly model: ModelOptions;
  /** Upper bound of all KV caches and stored prefixes together. */
  readonly kvBytes: number;
  readonly slotTtlMs: number;
  /** Of a draft: whether to open its graph that reads the target's features, instead of the stand-alone one. */
  readonly readsFeatures?: boolean | undefined;
  /** Whether sessions may share forwards, if the model has a graph for it: that takes the weights' memory once more. */
  readonly batching?: boolean | undefined;
  /** Tokens that one forward of the batcher may carry: bounds how long others wait for a long prompt. */
  readonly maxBatchTokens?: number | undefined;
}

export interface Engine {
  readonly model: Model;
  readonly slots: SlotTable;
  /** The slots again, for jobs that wait beside each other. */
  readonly slotUse: SlotUse;
  /** For all who don't have the model to themselves. */
  readonly batcher: Batcher;
  /** Sessions that can share a forward; 1: none can. */
  readonly batchSlots: number;
  release(): Promise<void>;
}

/** How often unused slots are looked for when no calls arrive. */
const SWEEP_MS = 30_000;
const MAX_BATCH_TOKENS = 64;

/**
 * @param queue Decides who of the waiting share a forward.
 * @throws AppError failed_precondition if a graph is missing or cannot be run.
 */
export async function openEngine(
  options: EngineOptions,
  queue: BatchQueue<ForwardJob> = new FifoQueue(),
): Promise<Engine> {
  const shape = options.readsFeatures ? featureDraftOptions(options.model) : options.model;
  const model = await Model.load(shape);
  const graph = options.batching ? await provenGraph(shape, model) : undefined;
  const slots = new SlotTable({
    shape,
    maxBytes: options.kvBytes,
    ttlMs: options.slotTtlMs,
    now: () => performance.now(),
  });
  const sweep = (): void => {
    if (slots.evictExpired()) setImmediate(sweep).unref();
  };
  setInterval(sweep, SWEEP_MS).unref();
  const maxTokens = options.maxBatchTokens ?? MAX_BATCH_TOKENS;
  return {
    model,
    slots,
    slotUse: new SlotUse(slots),
    batcher: new Batcher({ model, graph, queue, maxTokens }),
    batchSlots: graph?.numSlots ?? 1,
    release: async () => {
      await graph?.release();
      await model.release();
    },
  };
}

/** Undefined if there is none, or if it doesn't keep its promise here. */
async function provenGraph(options: ModelOptions, model: Model): Promise<BatchGraph | undefined> {
  if (!options.batch) return undefined;
  const graph = await BatchGraph.load(options, options.batch);
  if (await isExact(graph, model)) return graph;
  await graph.release();
  return undefined;
}
