// A worker without a model, for the tests of the worker protocol.
import { workerData } from 'node:worker_threads';
import { hostWorker } from '#libs/engine/index.js';
import { AppError } from '#libs/errors/index.js';

const order: string[] = [];

await hostWorker(async () => {
  if (workerData === 'broken') throw new AppError('failed_precondition', 'The model file is damaged.');
  return {
    info: { name: 'echo' },
    release: async () => {},
    handlers: {
      echo: async (payload: unknown) => payload,
      fail: async () => {
        throw new AppError('session_lost', 'No slot holds it.', { field: 'session_id' });
      },
      crash: async () => process.exit(3),
      order: async () => order,
      wait: async (name: string, signal: AbortSignal) => {
        for (let i = 0; i < 20; i++) {
          await new Promise((resolve) => setTimeout(resolve, 5));
          if (signal.aborted) order.push(`${name} aborted`);
          signal.throwIfAborted();
        }
        order.push(`${name} done`);
        return name;
      },
    },
  };
});
