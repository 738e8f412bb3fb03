// Long prompts are encoded, and long answers decoded, in a thread of their own: half a megabyte takes a second and more,
// for which all other streams would stand still. Started by the first long one, started anew after a crash.
import { Worker } from 'node:worker_threads';
import { AppError, type ErrorCode } from '#libs/errors/index.js';
import type { EncodeJob } from './encode-job.js';

/** To encode, or to decode. */
type EncoderWork = { readonly job: EncodeJob } | { readonly decode: Uint32Array<ArrayBuffer> };

export type EncoderRequest = { readonly id: number } & EncoderWork;

export type EncoderReply =
  | { readonly id: number; readonly tokens: Uint32Array }
  | { readonly id: number; readonly text: string }
  | {
      readonly id: number;
      readonly fault: {
        readonly code: ErrorCode;
        readonly message: string;
        readonly field: string | undefined;
      };
    };

interface Waiting {
  readonly resolve: (reply: EncoderReply) => void;
  readonly reject: (error: AppError) => void;
}

/** Requests that may wait; each may hold a whole request body. */
const MAX_WAITING = 64;

export class EncoderThread {
  #worker: Worker | undefined;
  readonly #waiting = new Map<number, Waiting>();
  #nextId = 0;

  /** `folder` holds the tokenizer. */
  constructor(private readonly folder: string) {}

  /** Errors: those of the tokenizer, `unavailable` when too many wait, `internal` when the thread dies. */
  async encode(job: EncodeJob): Promise<number[]> {
    const reply = await this.#ask({ job }, []);
    if ('tokens' in reply) return Array.from(reply.tokens);
    throw new AppError('internal', 'The thread that encodes prompts answered with something else.');
  }

  /** The text with its special tokens. Errors as `encode`. */
  async decode(tokens: readonly number[]): Promise<string> {
    const decode = Uint32Array.from(tokens);
    const reply = await this.#ask({ decode }, [decode.buffer]);
    if ('text' in reply) return reply.text;
    throw new AppError('internal', 'The thread that decodes tokens answered with something else.');
  }

  async close(): Promise<void> {
    await this.#worker?.terminate();
  }

  #ask(work: EncoderWork, handedOver: readonly ArrayBuffer[]): Promise<EncoderReply> {
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
      worker.postMessage({ id, ...work } satisfies EncoderRequest, handedOver);
    });
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
    if (!('fault' in reply)) {
      waiting?.resolve(reply);
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
