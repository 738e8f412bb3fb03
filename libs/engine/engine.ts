// A model with its slots and its batcher: what one thread holds.
import { BatchGraph } from './batch/batch-graph.js';
import { keepsPromise } from './batch/batch-proof.js';
import type { BatchQueue } from './batch/batch-queue.js';
import { Batcher, type BatcherOptions } from './batch/batcher.js';
import { FifoQueue } from './batch/fifo-queue.js';
import type { ForwardJob } from './batch/forward-job.js';
import { fewestWorthSharing, measureSharing } from './batch/sharing-costs.js';
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
  /** Sessions that wait at least before they share one; default 2, for drafts from where it is quicker (sharing-costs.ts). */
  readonly fewestShared?: number | undefined;
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
  /** Sessions that wait at least before they share one. */
  readonly fewestShared: number;
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
  const shape = openedModel(options);
  const model = await Model.load(shape);
  const sharing = { ...options, model: shape };
  const { graph, fewestShared } = options.batching ? await openGraph(sharing, model) : APART;
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
    batcher: new Batcher({ model, graph, queue, maxTokens, fewestShared }),
    batchSlots: graph?.numSlots ?? 1,
    fewestShared,
    release: async () => {
      await graph?.release();
      await model.release();
    },
  };
}

/** The model whose graph is opened. @throws AppError failed_precondition if the folder has no such graph. */
export function openedModel({ model, readsFeatures }: EngineOptions): ModelOptions {
  return readsFeatures ? featureDraftOptions(model) : model;
}

interface Sharing {
  readonly graph?: BatchGraph;
  readonly fewestShared: NonNullable<BatcherOptions['fewestShared']>;
}

const APART: Sharing = { fewestShared: Number.POSITIVE_INFINITY };

/** No graph if there is none, if it doesn't keep its promise here, or if it brings nothing. */
async function openGraph({ model: options, fewestShared }: EngineOptions, model: Model): Promise<Sharing> {
  if (!options.batch) return APART;
  const graph = await BatchGraph.load(options, options.batch);
  if (await keepsPromise(graph, model, options.exact)) {
    const fewest = fewestShared ?? (await fewestSharedOf(graph, model, options));
    if (fewest <= graph.numSlots) return { graph, fewestShared: fewest };
  }
  await graph.release();
  return APART;
}

/** Targets are too large not to gain, and measuring one would delay its start. */
async function fewestSharedOf(graph: BatchGraph, model: Model, { exact }: ModelOptions): Promise<number> {
  return exact ? 2 : fewestWorthSharing(await measureSharing(graph, model), graph.numSlots);
}
