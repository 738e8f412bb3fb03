// The thread side of a model worker: runs calls, each a stream of items, until told to stop. It stops only when none is
// inside a forward any more: `worker.terminate()` during one aborts the whole process.
import { parentPort } from 'node:worker_threads';
import { AppError } from '#libs/errors/index.js';
import { Credit } from './credit.js';
import type { FromWorker, ToWorker, WireError } from './worker-messages.js';

/** Yields the items of one call; should end soon after the signal aborts. */
export type Handler = (payload: never, signal: AbortSignal) => AsyncIterable<unknown>;

export interface Hosted {
  readonly handlers: Readonly<Record<string, Handler>>;
  /** Told to the main thread once, when the worker is ready. */
  readonly info: unknown;
  /** Called when no call is running any more. */
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
  const calls = new Map<number, Call>();
  const stop = async (): Promise<void> => {
    for (const { controller } of calls.values()) controller.abort();
    await Promise.all([...calls.values()].map(({ ended }) => ended));
    await hosted.release();
    port.close();
  };
  port.on('message', (message: ToWorker) => {
    if (message.kind === 'cancel') calls.get(message.id)?.controller.abort();
    else if (message.kind === 'grant') calls.get(message.id)?.credit.add(message.numItems);
    else if (message.kind === 'stop') void stop();
    else {
      const controller = new AbortController();
      const credit = new Credit(message.credit);
      const ended = answer(hosted, message, { signal: controller.signal, credit, post }).then(() => {
        calls.delete(message.id);
      });
      calls.set(message.id, { controller, credit, ended });
    }
  });
  post({ kind: 'ready', value: hosted.info });
}

interface Call {
  readonly controller: AbortController;
  readonly credit: Credit;
  readonly ended: Promise<void>;
}

interface Answering {
  readonly signal: AbortSignal;
  readonly credit: Credit;
  readonly post: (message: FromWorker) => void;
}

async function answer(
  hosted: Hosted,
  { id, method, payload }: Extract<ToWorker, { kind: 'call' }>,
  { signal, credit, post }: Answering,
): Promise<void> {
  try {
    const handler = hosted.handlers[method];
    if (handler === undefined) throw new AppError('internal', `The worker has no method ${method}.`);
    for await (const value of handler(payload as never, signal)) {
      await credit.take(signal);
      post({ kind: 'item', id, value });
    }
    post({ kind: 'end', id });
  } catch (error) {
    post({ kind: 'error', id, error: toWire(error) });
  }
}

function toWire(error: unknown): WireError {
  const { code, message, field } = AppError.from(error);
  return { code, message, field };
}
