// A model with its slots: what one thread holds.
import { Model, type ModelOptions } from './model.js';
import { SlotTable } from './slots.js';

export interface EngineOptions {
  readonly model: ModelOptions;
  /** Upper bound of all KV caches and stored prefixes together. */
  readonly kvBytes: number;
  readonly slotTtlMs: number;
}

export interface Engine {
  readonly model: Model;
  readonly slots: SlotTable;
}

/** How often unused slots are looked for when no calls arrive. */
const SWEEP_MS = 30_000;

export async function openEngine(options: EngineOptions): Promise<Engine> {
  const model = await Model.load(options.model);
  const slots = new SlotTable({
    shape: options.model,
    maxBytes: options.kvBytes,
    ttlMs: options.slotTtlMs,
    now: () => performance.now(),
  });
  setInterval(() => slots.evictExpired(), SWEEP_MS).unref();
  return { model, slots };
}
