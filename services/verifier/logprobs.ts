// Log probabilities of one verification: what the target itself thought of the tokens, from its raw rows of logits.
import type { Batcher, Claim, Slot } from '#libs/engine/index.js';
import type { GenerateRequest } from '#libs/rpc/index.js';
import { type TokenLogprobs, tokenLogprobs } from '#libs/sampling/index.js';
import type { Sequence } from '#libs/speculative/index.js';
import { FreshFeatures } from './fresh-features.js';

/** How many alternatives to name; undefined where no log probabilities are wanted, which then costs nothing. */
export type LogprobsAsked = Pick<GenerateRequest, 'logprobs' | 'promptLogprobs'>;

/** What reading a prompt needs of the target. */
export interface PromptReader {
  readonly batcher: Pick<Batcher, 'advance'>;
  readonly headSize: number;
  readonly claim?: Claim | undefined;
}

export interface PromptLogprobs {
  /** Entry i is of token i + 1. */
  readonly entries: readonly TokenLogprobs[];
  readonly computeMs: number;
}

/** Prompt tokens a forward: bounds the rows of logits in memory and the time until a stop is noticed. */
const CHUNK = 64;

/** @param logits Row i is what tokens[i] was judged by. [≥ tokens.length, vocabSize] */
export function logprobsOf(
  logits: Float32Array,
  vocabSize: number,
  tokens: readonly number[],
  numTop: number,
): TokenLogprobs[] {
  return tokens.map((token, i) =>
    tokenLogprobs(logits.subarray(i * vocabSize, (i + 1) * vocabSize), token, numTop),
  );
}

/**
 * Reads the prompt anew, since only a forward gives its rows, up to its last token. Undefined if not asked for, or once
 * tokens were generated: then they have been sent, be it by a verifier that died since.
 */
export async function promptLogprobsOf(
  { batcher, headSize, claim }: PromptReader,
  { cache }: Slot,
  { tokens, promptLength, featureWindow }: Sequence,
  { promptLogprobs: numTop }: LogprobsAsked,
  signal: AbortSignal,
): Promise<PromptLogprobs | undefined> {
  if (numTop === undefined || tokens.length > promptLength) return undefined;
  const entries: TokenLogprobs[] = [];
  const known = tokens.length - 1;
  let computeMs = 0;
  cache.truncate(0);
  while (cache.length < known) {
    const chunk = tokens.slice(cache.length, Math.min(cache.length + CHUNK, known));
    const next = tokens.slice(cache.length + 1, cache.length + 1 + chunk.length);
    const fed = { start: cache.length, count: chunk.length, drafted: 0 };
    const features = new FreshFeatures(featureWindow, fed);
    await batcher.advance(
      { cache, tokens: chunk, rows: chunk.length, writes: features.writes, claim },
      (logits, stats) => {
        computeMs += stats.computeMs;
        entries.push(...logprobsOf(logits, headSize, next, numTop));
      },
      signal,
    );
    features.keep(cache.length);
  }
  return { entries, computeMs };
}
