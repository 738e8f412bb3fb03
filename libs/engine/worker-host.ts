// The thread side of a model worker: runs calls one after the other, since a session serialises them anyway, and stops
// only between them: `worker.terminate()` during a forward aborts the whole process.
import { parentPort } from 'node:worker_threads';
import { AppError } from '#libs/errors/index.js';
import type { FromWorker, ToWorker, WireError } from './worker-messages.js';

export type Handler = (payload: never, signal: AbortSignal) => Promise<unknown>;

export interface Hosted {
  readonly handlers: Readonly<Record<string, Handler>>;
  /** Told to the main thread once, when the worker is ready. */
  readonly info: unknown;
  readonly release: () => Promise<void>;
}

/** Loads with `start`, then serves calls until told to stop. */
export async function hostWorker(start: () => Promise<Hosted>): Promise<void> {
  const port = parentPort;
  if (port === null) throw new Error('hostWorker runs in a worker thread only.');
  const post = (message: FromWorker): void => port.postMessage(message);
  let hosted: Hosted;
  try {
    hosted = await start();
  } catch (error) {
    post({ kind: 'failed', error: toWire(error) });
    port.close();
    return;
  }
  const running = new Map<number, AbortController>();
  let queue: Promise<void> = Promise.resolve();
  const enqueue = (job: () => Promise<void>): void => {
    queue = queue.then(job);
  };
  port.on('message', (message: ToWorker) => {
    if (message.kind === 'cancel') running.get(message.id)?.abort();
    else if (message.kind === 'stop') {
      for (const controller of running.values()) controller.abort();
      enqueue(async () => {
        await hosted.release();
        port.close();
      });
    } else {
      const controller = new AbortController();
      running.set(message.id, controller);
      enqueue(async () => {
        post(await answer(hosted, message, controller.signal));
        running.delete(message.id);
      });
    }
  });
  post({ kind: 'ready', value: hosted.info });
}

async function answer(
  hosted: Hosted,
  call: Extract<ToWorker, { kind: 'call' }>,
  signal: AbortSignal,
): Promise<FromWorker> {
  try {
    signal.throwIfAborted();
    const handler = hosted.handlers[call.method];
    if (handler === undefined) throw new AppError('internal', `The worker has no method ${call.method}.`);
    return { kind: 'result', id: call.id, value: await handler(call.payload as never, signal) };
  } catch (error) {
    return { kind: 'error', id: call.id, error: toWire(error) };
  }
}

function toWire(error: unknown): WireError {
  const { code, message, field } = AppError.from(error);
  return { code, message, field };
}
