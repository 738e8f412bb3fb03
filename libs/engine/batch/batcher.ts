// Runs the forwards of a model for all who wait: what many sessions want to know next goes through the linear layers at
// once. A forward carries a bounded number of tokens, so a long prompt is fed in pieces between the rounds of others.
import { setImmediate as nextTurn } from 'node:timers/promises';
import { AppError } from '#libs/errors/index.js';
import type { Model } from '../model.js';
import { checkSideRows, NO_SIDE_ROWS } from '../side-rows.js';
import type { BatchGraph } from './batch-graph.js';
import type { Portion } from './batch-inputs.js';
import type { BatchBudget, BatchQueue, Share } from './batch-queue.js';
import { ForwardJob } from './forward-job.js';
import type { ForwardStats, Work } from './work.js';

export interface BatcherOptions {
  readonly model: Pick<Model, 'advance' | 'contextLength'> & Partial<Pick<Model, 'sideWidths'>>;
  /** Without it every work has forwards of its own, in turns. */
  readonly graph?: Pick<BatchGraph, 'forward' | 'numSlots'> | undefined;
  readonly queue: BatchQueue<ForwardJob>;
  /** Tokens a forward. */
  readonly maxTokens: number;
  /** Jobs that share a forward at least: fewer have one each. Default 2. */
  readonly fewestShared?: number | undefined;
}

export class Batcher {
  private isRunning = false;
  private readonly budget: BatchBudget;

  constructor(private readonly options: BatcherOptions) {
    this.budget = { tokens: options.maxTokens, slots: options.graph?.numSlots ?? 1 };
  }

  /**
   * Appends the tokens to the cache, fills what the work wants to have written, and calls `read` with the logits asked for:
   * [rows, headSize], valid until the event loop turns. Work that is aborted while it waits is given up at once, between two of its pieces too.
   * @throws AppError context_length_exceeded, what the forward or `read` throws, or the signal's reason.
   */
  async advance<Result>(
    work: Work,
    read: (logits: Float32Array, stats: ForwardStats) => Result,
    signal: AbortSignal,
  ): Promise<Result> {
    signal.throwIfAborted();
    const { queue, model } = this.options;
    const { sideWidths = NO_SIDE_ROWS } = model;
    const { cache, tokens, rows } = work;
    const length = cache.length + tokens.length;
    if (length > model.contextLength)
      throw new AppError(
        'context_length_exceeded',
        `${length} tokens exceed the context of ${model.contextLength}.`,
      );
    if (rows < 1 || tokens.length < rows)
      throw new RangeError(`${rows} rows of logits asked for ${tokens.length} tokens`);
    checkSideRows(work, { tokens: tokens.length, rows }, sideWidths);
    return new Promise<Result>((resolve, reject) => {
      const job = new ForwardJob(work, {
        read: (logits, stats) => resolve(read(logits, stats)),
        fail: reject,
        signal,
        featureWidth: sideWidths.features,
        onGivenUp: () => queue.remove(job),
      });
      queue.add(job);
      void this.serve();
    });
  }

  /** Runs forwards as long as anybody waits. */
  private async serve(): Promise<void> {
    if (this.isRunning) return;
    this.isRunning = true;
    const { queue } = this.options;
    while (queue.size > 0) {
      await (queue.gather?.() ?? nextTurn());
      const shares = queue.take(this.budget);
      for (const { job } of shares) job.start();
      const alone = shares.filter(({ job }) => !this.isShared(job, shares.length));
      for (const share of alone) await this.forward([share]);
      const together = shares.filter((share) => !alone.includes(share));
      if (together.length > 0) await this.forward(together);
    }
    this.isRunning = false;
  }

  private isShared({ work }: ForwardJob, numJobs: number): boolean {
    const { graph, fewestShared = 2 } = this.options;
    return numJobs >= fewestShared && graph !== undefined && work.skipMask === undefined;
  }

  private async forward(shares: readonly Share<ForwardJob>[]): Promise<void> {
    const portions = shares.map(({ job, numTokens }) => job.portion(numTokens));
    const startMs = performance.now();
    let logits: readonly Float32Array[];
    try {
      logits = await this.logitsOf(portions, shares[0]!.job);
    } catch (error) {
      for (const { job } of shares) job.fail(error);
      return;
    }
    const ms = performance.now() - startMs;
    const sum = (counts: readonly number[]) => counts.reduce((all, count) => all + count, 0);
    const forward = {
      ms,
      jobs: shares.length,
      tokens: sum(shares.map(({ numTokens }) => numTokens)),
      rows: sum(portions.map(({ rows }) => rows)),
    };
    for (const [i, { job, numTokens }] of shares.entries())
      if (!job.fed(numTokens, logits[i]!, forward)) this.options.queue.add(job);
  }

  private async logitsOf(
    portions: readonly Portion[],
    { work }: ForwardJob,
  ): Promise<readonly Float32Array[]> {
    const { model, graph } = this.options;
    if (portions.length > 1) return await graph!.forward(portions);
    const { cache, tokens, rows, reads, writes } = portions[0]!;
    const options = { skipMask: work.skipMask, reads, writes };
    // A piece of a prompt wants no logits, but a graph of one sequence gives one row at least.
    return [await model.advance(cache, tokens, Math.max(rows, 1), undefined, options)];
  }
}
