// What an engine's batcher is fed and gives, for tests that look at every forward.
import type { Engine } from '#libs/engine/index.js';

/** What a forward was fed and gave. */
export interface WatchedForward {
  /** Position of its first token. */
  readonly start: number;
  readonly tokens: readonly number[];
  readonly features: Uint16Array | undefined;
  readonly own: Float32Array | undefined;
  /** Whether it was asked for features. */
  readonly givesFeatures: boolean;
  /** Sessions that shared it. */
  readonly jobs: number;
  /** Of its last token. */
  readonly logits: Float32Array;
}

/** Every forward from now on. */
export function watched({ batcher }: Engine): readonly WatchedForward[] {
  const forwards: WatchedForward[] = [];
  const advance = batcher.advance.bind(batcher);
  batcher.advance = (work, read, signal) => {
    const { cache, tokens, reads, writes } = work;
    const fed = { start: cache.length, tokens, features: reads?.features?.slice(), own: reads?.own?.slice() };
    const givesFeatures = writes?.features !== undefined;
    const look: typeof read = (logits, stats) => {
      forwards.push({ ...fed, givesFeatures, jobs: stats.jobs, logits: logits.slice() });
      return read(logits, stats);
    };
    return advance(work, look, signal);
  };
  return forwards;
}
