export { type Engine, type EngineOptions, openEngine } from './engine.js';
export { inputMaxima, type ObservedGraph } from './input-maxima.js';
export type { KvCache, KvShape } from './kv-cache.js';
export { Model, type ModelOptions } from './model.js';
export { SerialQueue } from './serial-queue.js';
export type { Slot } from './slot.js';
export type { SlotRequest, SlotTable, SlotTableOptions } from './slots.js';
export { WorkerClient, type WorkerClientOptions } from './worker-client.js';
export { type Handler, type Hosted, hostWorker } from './worker-host.js';
