// The owner's side of a translator's thread: jobs in order, each with a deadline. A thread that hangs, dies or cannot
// read its tokenizer is never started again: its owner may fetch the tokenizer anew.
import { Worker } from 'node:worker_threads';
import { AppError } from '#libs/errors/index.js';
import type {
  FromTranslator,
  TranslatorData,
  TranslatorJob,
  TranslatorResults,
} from './translator-messages.js';

const START_TIMEOUT_MS = 30_000;
/** A prompt of 8000 characters takes some 10 ms. */
const JOB_TIMEOUT_MS = 2_000;
/** The owner may have been busy when the time was over: then the reply lies there already and is read first. */
const GRACE_MS = 20;
const MAX_WAITING = 1_024;
/** Megabytes for both tokenizers; one of 256,000 tokens needs some 200. */
const MAX_HEAP = 1_024;

interface Waiting {
  readonly resolve: (result: never) => void;
  readonly reject: (error: AppError) => void;
}

export class Translator {
  readonly #worker: Worker;
  /** In the order in which the thread answers. */
  readonly #waiting: Waiting[] = [];
  #isReady = false;
  #failure: AppError | undefined;
  #timer: NodeJS.Timeout | undefined;

  constructor(
    data: TranslatorData,
    private readonly jobTimeoutMs = JOB_TIMEOUT_MS,
  ) {
    this.#worker = new Worker(new URL('./translator.worker.js', import.meta.url), {
      workerData: data,
      resourceLimits: { maxOldGenerationSizeMb: MAX_HEAP },
    });
    this.#worker.on('message', (message: FromTranslator) => this.#receive(message));
    this.#worker.on('error', (cause) => {
      const message = `The draft's tokenizer cannot be used: ${cause.message}`;
      this.#fail(new AppError('failed_precondition', message, { cause }));
    });
    this.#worker.on('exit', () => this.#fail(new AppError('unavailable', "The translator's thread ended.")));
    this.#worker.unref();
    this.#watch(START_TIMEOUT_MS);
  }

  /** Both tokenizers are there. */
  get isReady(): boolean {
    return this.#isReady && this.#failure === undefined;
  }

  /** Why it is of no use, or of none any more. */
  get failure(): AppError | undefined {
    return this.#failure;
  }

  /** @throws AppError what the job failed with; unavailable when too many wait; why the thread is gone. */
  run<Job extends TranslatorJob>(job: Job): Promise<TranslatorResults[Job['kind']]> {
    return new Promise((resolve, reject) => {
      if (this.#failure !== undefined) return reject(this.#failure);
      if (this.#waiting.length >= MAX_WAITING)
        return reject(new AppError('unavailable', 'Too many texts are waiting for their translation.'));
      this.#waiting.push({ resolve, reject });
      if (this.#waiting.length === 1) this.#worker.ref();
      this.#worker.postMessage(job);
      if (this.#isReady && this.#waiting.length === 1) this.#watch(this.jobTimeoutMs);
    });
  }

  async close(): Promise<void> {
    this.#fail(new AppError('cancelled', 'The translator was closed.'));
    await this.#worker.terminate();
  }

  #receive(message: FromTranslator): void {
    if (this.#failure !== undefined) return;
    if (message.kind === 'ready') this.#isReady = true;
    else if (message.kind === 'done') this.#waiting.shift()?.resolve(message.result as never);
    else this.#waiting.shift()?.reject(new AppError('internal', message.message));
    if (this.#waiting.length > 0) this.#watch(this.jobTimeoutMs);
    else {
      clearTimeout(this.#timer);
      // An idle thread is no reason for the process to go on.
      this.#worker.unref();
    }
  }

  #watch(timeoutMs: number): void {
    clearTimeout(this.#timer);
    const hangs = () => {
      this.#fail(
        new AppError('deadline_exceeded', `The draft's tokenizer took longer than ${timeoutMs} ms.`),
      );
      void this.#worker.terminate();
    };
    this.#timer = setTimeout(() => {
      this.#timer = setTimeout(hangs, GRACE_MS).unref();
    }, timeoutMs).unref();
  }

  #fail(error: AppError): void {
    clearTimeout(this.#timer);
    if (this.#failure !== undefined) return;
    this.#failure = error;
    for (const { reject } of this.#waiting.splice(0)) reject(error);
  }
}
