// Long prompts are encoded in a thread of their own: half a megabyte takes a second and more, for which all other
// streams would stand still. Started by the first long prompt, started anew after a crash.
import { Worker } from 'node:worker_threads';
import { AppError, type ErrorCode } from '#libs/errors/index.js';
import type { EncodeJob } from './encode-job.js';

export interface EncoderRequest {
  readonly id: number;
  readonly job: EncodeJob;
}

export type EncoderReply =
  | { readonly id: number; readonly tokens: Uint32Array }
  | {
      readonly id: number;
      readonly fault: {
        readonly code: ErrorCode;
        readonly message: string;
        readonly field: string | undefined;
      };
    };

interface Waiting {
  readonly resolve: (tokens: number[]) => void;
  readonly reject: (error: AppError) => void;
}

/** Prompts that may wait; each may hold a whole request body. */
const MAX_WAITING = 64;

export class EncoderThread {
  #worker: Worker | undefined;
  readonly #waiting = new Map<number, Waiting>();
  #nextId = 0;

  /** `folder` holds the tokenizer. */
  constructor(private readonly folder: string) {}

  /** Errors: those of the tokenizer, `unavailable` when too many wait, `internal` when the thread dies. */
  encode(job: EncodeJob): Promise<number[]> {
    if (this.#waiting.size >= MAX_WAITING)
      throw new AppError('unavailable', 'Too many long prompts are waiting; please try again.', {
        retryAfterSeconds: 1,
      });
    this.#worker ??= this.#start();
    const worker = this.#worker;
    const id = this.#nextId++;
    return new Promise((resolve, reject) => {
      this.#waiting.set(id, { resolve, reject });
      worker.ref();
      worker.postMessage({ id, job } satisfies EncoderRequest);
    });
  }

  async close(): Promise<void> {
    await this.#worker?.terminate();
  }

  #start(): Worker {
    const module = new URL('./encoder.worker.js', import.meta.url);
    const worker = new Worker(module, { workerData: { folder: this.folder } });
    worker.on('message', (reply: EncoderReply) => this.#settle(reply));
    worker.on('error', (cause) => this.#ended(worker, cause));
    worker.on('exit', () => this.#ended(worker, undefined));
    return worker;
  }

  #settle(reply: EncoderReply): void {
    const waiting = this.#waiting.get(reply.id);
    this.#waiting.delete(reply.id);
    // An idle thread is no reason for the process to go on.
    if (this.#waiting.size === 0) this.#worker?.unref();
    if ('tokens' in reply) {
      waiting?.resolve(Array.from(reply.tokens));
      return;
    }
    const { code, message, field } = reply.fault;
    waiting?.reject(new AppError(code, message, field === undefined ? {} : { field }));
  }

  #ended(worker: Worker, cause: unknown): void {
    if (this.#worker !== worker) return;
    this.#worker = undefined;
    const all = [...this.#waiting.values()];
    this.#waiting.clear();
    for (const { reject } of all)
      reject(new AppError('internal', 'The thread that encodes prompts died.', { cause }));
  }
}
