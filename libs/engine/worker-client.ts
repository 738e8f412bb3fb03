// The main-thread side of a model worker: calls by number, cancels, restarts the thread after a crash and rejects every
// call that was pending then, so that nothing waits for a thread that is gone.
import { Worker } from 'node:worker_threads';
import { AppError } from '#libs/errors/index.js';
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

interface Pending {
  readonly resolve: (value: unknown) => void;
  readonly reject: (error: unknown) => void;
}

const MAX_RESTART_DELAY_MS = 5000;

export class WorkerClient<Info> {
  private worker: Worker | undefined;
  private readonly pending = new Map<number, Pending>();
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

  /** @throws AppError unavailable when the thread is down or dies during the call; the signal's reason when aborted. */
  async call<Result>(
    method: string,
    payload: unknown,
    signal?: AbortSignal,
    transfer: readonly ArrayBuffer[] = [],
  ): Promise<Result> {
    signal?.throwIfAborted();
    const { worker } = this;
    if (worker === undefined || this.stopping)
      throw new AppError('unavailable', 'The model worker is not running.', { retryAfterSeconds: 1 });
    const id = this.nextId++;
    const cancel = (): void => {
      worker.postMessage({ kind: 'cancel', id } satisfies ToWorker);
      this.pending.get(id)?.reject(signal?.reason);
    };
    signal?.addEventListener('abort', cancel, { once: true });
    try {
      return await new Promise<Result>((resolve, reject) => {
        this.pending.set(id, { resolve: resolve as (value: unknown) => void, reject });
        worker.postMessage({ kind: 'call', id, method, payload } satisfies ToWorker, transfer);
      });
    } finally {
      signal?.removeEventListener('abort', cancel);
      this.pending.delete(id);
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
        else this.settle(message);
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

  private settle(message: Extract<FromWorker, { kind: 'result' | 'error' }>): void {
    const pending = this.pending.get(message.id);
    if (message.kind === 'result') pending?.resolve(message.value);
    else pending?.reject(fromWire(message.error));
  }

  private onExit(worker: Worker, error: AppError): void {
    // A worker that never became ready is the business of whoever launched it.
    if (this.worker !== worker) return;
    this.worker = undefined;
    for (const pending of this.pending.values()) pending.reject(error);
    this.pending.clear();
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
