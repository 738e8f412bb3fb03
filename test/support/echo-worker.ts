// A worker without a model, for the tests of the worker protocol.
import { workerData } from 'node:worker_threads';
import { hostWorker } from '#libs/engine/index.js';
import { AppError } from '#libs/errors/index.js';

const log: string[] = [];
let produced = 0;

await hostWorker(async () => {
  if (workerData === 'broken') throw new AppError('failed_precondition', 'The model file is damaged.');
  return {
    info: { name: 'echo' },
    release: async () => {},
    handlers: {
      async *echo(payload: unknown) {
        yield payload;
      },
      async *count(to: number) {
        for (let i = 1; i <= to; i++) yield i;
      },
      // biome-ignore lint/correctness/useYield: it fails before its first item
      async *fail() {
        throw new AppError('session_lost', 'No slot holds it.', { field: 'session_id' });
      },
      // biome-ignore lint/correctness/useYield: the thread ends
      async *crash() {
        process.exit(3);
      },
      async *log() {
        yield [...log];
      },
      /** As fast as it is allowed to, for ever. */
      async *produce(name: string) {
        try {
          for (produced = 1; ; produced++) yield produced;
        } finally {
          log.push(`${name} ended`);
        }
      },
      async *produced() {
        yield produced;
      },
      async *tick(name: string, signal: AbortSignal) {
        try {
          for (let i = 0; i < 200; i++) {
            yield i;
            await new Promise((resolve) => setTimeout(resolve, 2));
            signal.throwIfAborted();
          }
        } finally {
          log.push(`${name} ended`);
        }
      },
    },
  };
});
