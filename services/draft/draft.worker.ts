// The thread that holds the draft model.
import { workerData } from 'node:worker_threads';
import { type EngineOptions, hostWorker, openEngine } from '#libs/engine/index.js';
import { Head } from './head.js';
import { type ProposeCall, propose } from './propose.js';

export interface DraftWorkerData {
  readonly engine: EngineOptions;
  readonly headTokenIds: Uint32Array | undefined;
  readonly vocabSize: number;
}

await hostWorker(async () => {
  const data = workerData as DraftWorkerData;
  const engine = await openEngine(data.engine);
  const head = new Head(data.headTokenIds, data.vocabSize);
  return {
    info: { contextLength: engine.model.contextLength },
    release: () => engine.model.release(),
    handlers: { propose: (call: ProposeCall, signal) => propose(engine, head, call, signal) },
  };
});
