// What a batcher is asked, and what it tells besides the logits.
import type { KvCache } from '../kv-cache.js';
import type { ForwardOptions } from '../model-options.js';
import type { Claim } from './batch-queue.js';

/** What one caller wants of the model; work with a skip mask has a forward of its own. */
export interface Work extends ForwardOptions {
  /** Nobody else may touch it until the work is done. */
  readonly cache: KvCache;
  /** To be appended to the cache: at least one. */
  readonly tokens: readonly number[];
  /** Logits are wanted of so many of them, the last ones: at least one. */
  readonly rows: number;
  readonly claim?: Claim | undefined;
}

/** The forwards that a work took part in. */
export interface ForwardStats {
  /** Milliseconds of all of them. */
  readonly computeMs: number;
  /** Milliseconds that the work waited for them, or between them. */
  readonly waitMs: number;
  /** Of the last one, which gave the logits: jobs and tokens that shared it, this work's included. */
  readonly jobs: number;
  readonly tokens: number;
  /** Of the last one too: rows of logits that it gave to all. */
  readonly rows: number;
}
