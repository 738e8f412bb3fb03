// Log probabilities as OpenAI's chat (`content[]`), its completions (four parallel arrays) and vLLM's prompt_logprobs
// show them. As in vLLM there is one entry for each completion token, those of a stop string or end token included.
import type { Alternative, ScoredToken } from '../generation/scored-token.js';

/** OpenAI's and vLLM's word for "hardly possible". */
const LOWEST = -9999;

/** @param numTop Alternatives to name with each token. */
export function chatLogprobs(scores: readonly ScoredToken[], numTop: number) {
  const content = scores.map((token) => ({
    ...chatToken({ ...token, logprob: token.logprob ?? 0 }),
    top_logprobs: token.top.slice(0, numTop).map(chatToken),
  }));
  return { content, refusal: null };
}

function chatToken({ text, logprob, bytes }: Alternative) {
  return { token: text, logprob: floored(logprob), bytes: [...bytes] };
}

/**
 * The likeliest tokens and, always, the token itself: up to numTop + 1. Two tokens that read alike share an entry, which
 * is the likelier one's. `text_offset` counts code points from the beginning of the choice's text.
 * @param base Code points before the first token's text.
 */
export function completionLogprobs(scores: readonly ScoredToken[], numTop: number, base: number) {
  return {
    tokens: scores.map(({ text }) => text),
    token_logprobs: scores.map(({ logprob }) => (logprob === null ? null : floored(logprob))),
    top_logprobs: scores.map((token) => topLogprobs(token, numTop)),
    text_offset: scores.map(({ offset }) => base + offset),
  };
}

function topLogprobs({ text, logprob, top }: ScoredToken, numTop: number) {
  if (logprob === null) return null;
  const byText = new Map([[text, floored(logprob)]]);
  for (const other of top.slice(0, numTop)) {
    const known = byText.get(other.text) ?? Number.NEGATIVE_INFINITY;
    byText.set(other.text, Math.max(known, floored(other.logprob)));
  }
  return Object.fromEntries(byText);
}

/** Null for the first token. The rank of a token that is not among the likeliest asked for is not known: null. */
export function promptLogprobs(scores: readonly ScoredToken[], numTop: number) {
  return scores.map(({ id, text, logprob, top }) => {
    if (logprob === null) return null;
    const rank = top.findIndex((other) => other.id === id);
    const own = [id, promptToken(text, logprob, rank === -1 ? null : rank + 1)] as const;
    const others = top
      .slice(0, numTop)
      .map((other, i) => [other.id, promptToken(other.text, other.logprob, i + 1)] as const);
    return Object.fromEntries([own, ...others]);
  });
}

function promptToken(text: string, logprob: number, rank: number | null) {
  return { logprob: floored(logprob), rank, decoded_token: text };
}

function floored(logprob: number): number {
  return Math.max(logprob, LOWEST);
}
