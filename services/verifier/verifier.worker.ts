// The thread that holds the target model.
import { workerData } from 'node:worker_threads';
import { type EngineOptions, hostWorker, openEngine } from '#libs/engine/index.js';
import { type VerifyCall, verify } from './verify.js';

await hostWorker(async () => {
  const engine = await openEngine(workerData as EngineOptions);
  const scratch = new Float64Array(engine.model.headSize);
  return {
    info: { contextLength: engine.model.contextLength },
    release: () => engine.model.release(),
    handlers: { verify: (call: VerifyCall, signal) => verify(engine, scratch, call, signal) },
  };
});
