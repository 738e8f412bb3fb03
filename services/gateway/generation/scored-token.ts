// A token with the target's log probability of it, named as clients see tokens: by text and bytes.
import type { TokenLogprobs } from '#libs/rpc/index.js';
import type { TextModel } from './text-model.js';

export interface NamedToken {
  readonly id: number;
  /** Part of a character shows as U+FFFD; its bytes tell. */
  readonly text: string;
  readonly bytes: Uint8Array;
}

export interface Alternative extends NamedToken {
  readonly logprob: number;
}

export interface ScoredToken extends NamedToken {
  /** Null for a prompt's first token: nothing comes before it. */
  readonly logprob: number | null;
  /** Likeliest first; the token itself need not be among them. */
  readonly top: readonly Alternative[];
  /** Where it begins in its text, in code points. */
  readonly offset: number;
}

export type TokenNames = Pick<TextModel, 'tokenText' | 'tokenBytes'>;

/** @param logprobs One a token; null where nothing comes before. */
export function scoredTokens(
  names: TokenNames,
  tokens: readonly number[],
  logprobs: readonly (TokenLogprobs | null)[],
  offsets: readonly number[],
): ScoredToken[] {
  return tokens.map((id, i) => {
    const entry = logprobs[i] ?? null;
    const { topIds = [], topLogprobs = [] } = entry ?? {};
    return {
      ...named(names, id),
      logprob: entry?.logprob ?? null,
      top: topIds.map((topId, j) => ({ ...named(names, topId), logprob: topLogprobs[j]! })),
      offset: offsets[i]!,
    };
  });
}

function named(names: TokenNames, id: number): NamedToken {
  return { id, text: names.tokenText(id), bytes: names.tokenBytes(id) };
}
