// One caller's work while it waits for its forwards: what of it was fed, and whom to tell.
import { pieceOf } from '../side-rows.js';
import type { Portion } from './batch-inputs.js';
import type { Claim, WaitingJob } from './batch-queue.js';
import type { ForwardStats, Work } from './work.js';

export interface ForwardJobPorts {
  readonly read: (logits: Float32Array, stats: ForwardStats) => void;
  readonly fail: (reason: unknown) => void;
  readonly signal: AbortSignal;
  /** Numbers a row of the features that the model gives. */
  readonly featureWidth: number;
  /** It is aborted, and was waiting. */
  readonly onGivenUp: () => void;
}

/** One forward that a job took part in. */
export interface Forward {
  readonly ms: number;
  readonly jobs: number;
  readonly tokens: number;
  readonly rows: number;
}

export class ForwardJob implements WaitingJob {
  readonly claim: Claim;
  private numFed = 0;
  private computeMs = 0;
  private readonly since = performance.now();
  /** A forward writes into its cache: whoever gave the work must not hear of its end before. */
  private isRunning = false;

  constructor(
    readonly work: Work,
    private readonly ports: ForwardJobPorts,
  ) {
    this.claim = work.claim ?? {};
    ports.signal.addEventListener('abort', this.onAbort, { once: true });
  }

  get numTokens(): number {
    return this.work.tokens.length - this.numFed;
  }

  get numRows(): number {
    return this.work.rows;
  }

  start(): void {
    this.isRunning = true;
  }

  /** The next so many tokens; logits only if they are all that is left. */
  portion(numTokens: number): Portion {
    const { cache, tokens, rows } = this.work;
    const isLast = numTokens === this.numTokens;
    const piece = { start: this.numFed, count: numTokens, total: tokens.length };
    return {
      cache,
      tokens: tokens.slice(this.numFed, this.numFed + numTokens),
      rows: isLast ? rows : 0,
      ...pieceOf(this.work, piece, this.ports.featureWidth),
    };
  }

  /** Returns whether the job is over. */
  fed(numTokens: number, logits: Float32Array, { ms, jobs, tokens, rows }: Forward): boolean {
    this.isRunning = false;
    this.numFed += numTokens;
    this.computeMs += ms;
    const { signal, read } = this.ports;
    try {
      signal.throwIfAborted();
      if (this.numTokens > 0) return false;
      const waitMs = Math.max(0, performance.now() - this.since - this.computeMs);
      read(logits, { computeMs: this.computeMs, waitMs, jobs, tokens, rows });
      this.unlisten();
    } catch (error) {
      this.fail(error);
    }
    return true;
  }

  fail(reason: unknown): void {
    this.unlisten();
    this.ports.fail(reason);
  }

  private readonly onAbort = (): void => {
    if (this.isRunning) return;
    this.ports.onGivenUp();
    this.fail(this.ports.signal.reason);
  };

  private unlisten(): void {
    this.ports.signal.removeEventListener('abort', this.onAbort);
  }
}
