// The owner's side of a grammar thread. Started by the first job, started anew when it hangs or dies: only the job that it
// was busy with then fails, all others are sent again, since each names its whole truth.
import { Worker } from 'node:worker_threads';
import { AppError } from '#libs/errors/index.js';
import type { FromGrammarThread, GrammarJob, GrammarResult, ToGrammarThread } from './thread-messages.js';
import type { GrammarVocabulary } from './vocabulary.js';

export interface GrammarThreadOptions {
  readonly vocabulary: GrammarVocabulary;
  /** Longest time for one job. */
  readonly timeoutMs: number;
  /** Jobs that may wait. */
  readonly maxWaiting: number;
}

interface Waiting {
  readonly id: number;
  readonly job: GrammarJob;
  readonly resolve: (result: GrammarResult) => void;
  readonly reject: (error: AppError) => void;
}

/** For the thread's start, which is no job's fault. */
const START_TIMEOUT_MS = 30_000;
/** The owner may have been busy when the time was over: then the reply lies there already and is read first. */
const GRACE_MS = 20;

export class GrammarThread {
  #worker: Worker | undefined;
  /** In the order in which the thread answers; it is busy with the first. */
  readonly #waiting: Waiting[] = [];
  #nextId = 0;
  #timer: NodeJS.Timeout | undefined;
  /** Whether it waits for jobs, or does one. */
  #isReady = false;
  #closed = false;

  constructor(private readonly options: GrammarThreadOptions) {}

  /**
   * @throws AppError what the job failed with; deadline_exceeded, unavailable (too many wait), internal (the thread died)
   */
  async run(job: GrammarJob): Promise<GrammarResult> {
    if (this.#closed) throw new AppError('unavailable', 'The grammar thread is closed.');
    if (this.#waiting.length >= this.options.maxWaiting)
      throw new AppError('unavailable', 'Too many grammars are waiting; please try again.', {
        retryAfterSeconds: 1,
      });
    // A thread that isn't there has nothing to forget.
    if (job.kind === 'release' && this.#worker === undefined) return undefined;
    const id = this.#nextId++;
    return new Promise((resolve, reject) => {
      this.#waiting.push({ id, job, resolve, reject });
      if (this.#worker === undefined) return this.#start();
      this.#send(this.#worker, this.#waiting.at(-1)!);
      if (this.#waiting.length > 1) return;
      this.#worker.ref();
      this.#watch();
    });
  }

  async close(): Promise<void> {
    this.#closed = true;
    await this.#worker?.terminate();
  }

  /** With everything that waits. */
  #start(): void {
    const module = new URL('./grammar.worker.js', import.meta.url);
    const worker = new Worker(module, { workerData: this.options.vocabulary });
    worker.on('message', (message: FromGrammarThread) => this.#receive(worker, message));
    worker.on('error', (cause) => this.#died(worker, cause));
    worker.on('exit', () => this.#died(worker, undefined));
    this.#worker = worker;
    this.#isReady = false;
    this.#watch();
    for (const waiting of this.#waiting) this.#send(worker, waiting);
  }

  #send(worker: Worker, { id, job }: Waiting): void {
    worker.postMessage({ id, job } satisfies ToGrammarThread);
  }

  #receive(worker: Worker, message: FromGrammarThread): void {
    if (worker !== this.#worker || this.#closed) return;
    this.#isReady = message.kind === 'ready';
    if (message.kind === 'done') this.#waiting.shift()?.resolve(message.result);
    else if (message.kind === 'failed')
      this.#waiting.shift()?.reject(new AppError(message.code, message.message));
    this.#watch();
    // An idle thread is no reason for the process to go on.
    if (this.#waiting.length === 0) worker.unref();
  }

  /** Limits the time for what the thread does now: a job, or getting ready for one. */
  #watch(): void {
    clearTimeout(this.#timer);
    if (this.#waiting.length === 0) return;
    const timeoutMs = this.#isReady ? this.options.timeoutMs : START_TIMEOUT_MS;
    this.#timer = setTimeout(() => {
      this.#timer = setTimeout(() => this.#hangs(timeoutMs), GRACE_MS);
    }, timeoutMs);
  }

  #hangs(timeoutMs: number): void {
    const worker = this.#worker!;
    this.#fail(new AppError('deadline_exceeded', `The grammar took longer than ${timeoutMs} ms.`));
    void worker.terminate();
  }

  #died(worker: Worker, cause: unknown): void {
    if (worker === this.#worker)
      this.#fail(new AppError('internal', 'The thread that follows grammars died.', { cause }));
  }

  /** The first one waiting fails, the others get a new thread. */
  #fail(error: AppError): void {
    clearTimeout(this.#timer);
    this.#worker = undefined;
    this.#waiting.shift()?.reject(error);
    if (this.#closed) for (const { reject } of this.#waiting.splice(0)) reject(error);
    if (this.#waiting.length > 0) this.#start();
  }
}
