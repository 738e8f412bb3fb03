// The main-thread side of a model worker: calls by number, cancels, restarts the thread after a crash and rejects every
// call that was running then, so that nothing waits for a thread that is gone.
import { Worker } from 'node:worker_threads';
import { AppError } from '#libs/errors/index.js';
import { ItemQueue, WINDOW } from './item-queue.js';
import type { FromWorker, ToWorker, WireError } from './worker-messages.js';

export interface WorkerClientOptions {
  /** The compiled module that calls hostWorker. */
  readonly module: URL;
  readonly workerData: unknown;
  /** Told of each crash; the restart follows by itself. */
  readonly onCrash: (error: AppError) => void;
  /** Told when a restart has succeeded. */
  readonly onRestart?: () => void;
  /** Milliseconds before the first restart; it doubles with each failure in a row, up to 5 s. */
  readonly restartDelayMs?: number;
}

const MAX_RESTART_DELAY_MS = 5000;

export class WorkerClient<Info> {
  private worker: Worker | undefined;
  private readonly calls = new Map<number, ItemQueue<unknown>>();
  private nextId = 1;
  private failuresInARow = 0;
  private stopping = false;
  private restartTimer: NodeJS.Timeout | undefined;

  private constructor(private readonly options: WorkerClientOptions) {}

  /** Starts the thread and waits until it is ready. @throws the error the thread failed with. */
  static async start<Info>(
    options: WorkerClientOptions,
  ): Promise<{ client: WorkerClient<Info>; info: Info }> {
    const client = new WorkerClient<Info>(options);
    const info = await client.launch();
    return { client, info };
  }

  /** Whether the thread is up; calls are refused while it restarts. */
  get alive(): boolean {
    return this.worker !== undefined;
  }

  /** Items of all calls that nobody has read yet: a few for each call, however slowly it is read. */
  get unreadItems(): number {
    let sum = 0;
    for (const queue of this.calls.values()) sum += queue.length;
    return sum;
  }

  /**
   * The items of one call; the worker goes on only while few of them are unread. Leaving the loop, or aborting the signal, cancels it.
   * @throws AppError unavailable when the thread is down or dies during the call; the signal's reason when aborted.
   */
  async *call<Item>(method: string, payload: unknown, signal: AbortSignal): AsyncGenerator<Item, void, void> {
    signal.throwIfAborted();
    const { worker } = this;
    if (worker === undefined || this.stopping)
      throw new AppError('unavailable', 'The model worker is not running.', { retryAfterSeconds: 1 });
    const id = this.nextId++;
    const send = (message: ToWorker): void => worker.postMessage(message);
    const queue = new ItemQueue<unknown>((numItems) => send({ kind: 'grant', id, numItems }));
    const abort = (): void => queue.fail(signal.reason);
    signal.addEventListener('abort', abort, { once: true });
    this.calls.set(id, queue);
    send({ kind: 'call', id, method, payload, credit: WINDOW });
    let finished = false;
    try {
      yield* queue.read() as AsyncGenerator<Item>;
      finished = true;
    } finally {
      signal.removeEventListener('abort', abort);
      this.calls.delete(id);
      if (!finished) send({ kind: 'cancel', id });
    }
  }

  /** Lets the running forward finish, then ends the thread. */
  async stop(): Promise<void> {
    this.stopping = true;
    clearTimeout(this.restartTimer);
    const { worker } = this;
    if (worker === undefined) return;
    const exited = new Promise((resolve) => worker.once('exit', resolve));
    worker.postMessage({ kind: 'stop' } satisfies ToWorker);
    await exited;
  }

  private launch(): Promise<Info> {
    const worker = new Worker(this.options.module, { workerData: this.options.workerData });
    return new Promise<Info>((resolve, reject) => {
      let failure: AppError | undefined;
      worker.on('message', (message: FromWorker) => {
        if (message.kind === 'ready') {
          this.worker = worker;
          this.failuresInARow = 0;
          resolve(message.value as Info);
        } else if (message.kind === 'failed') failure = fromWire(message.error);
        else this.deliver(message);
      });
      worker.on('error', (cause) => {
        failure = new AppError('unavailable', `The model worker crashed: ${cause.message}`, { cause });
      });
      worker.once('exit', (code) => {
        const error = failure ?? new AppError('unavailable', `The model worker exited with code ${code}.`);
        reject(error);
        this.onExit(worker, error);
      });
    });
  }

  private deliver(message: Extract<FromWorker, { readonly id: number }>): void {
    const queue = this.calls.get(message.id);
    if (message.kind === 'item') queue?.push(message.value);
    else if (message.kind === 'end') queue?.end();
    else queue?.fail(fromWire(message.error));
  }

  private onExit(worker: Worker, error: AppError): void {
    // A worker that never became ready is the business of whoever launched it.
    if (this.worker !== worker) return;
    this.worker = undefined;
    for (const queue of this.calls.values()) queue.fail(error);
    this.calls.clear();
    if (this.stopping) return;
    this.options.onCrash(error);
    this.scheduleRestart();
  }

  private scheduleRestart(): void {
    const delayMs = Math.min(
      (this.options.restartDelayMs ?? 100) * 2 ** this.failuresInARow++,
      MAX_RESTART_DELAY_MS,
    );
    this.restartTimer = setTimeout(() => {
      this.launch().then(
        () => this.options.onRestart?.(),
        (error: unknown) => {
          this.options.onCrash(AppError.from(error));
          if (!this.stopping) this.scheduleRestart();
        },
      );
    }, delayMs);
  }
}

function fromWire(error: WireError): AppError {
  return new AppError(error.code, error.message, error.field === undefined ? {} : { field: error.field });
}
