// Log probabilities of a verifier without a model: a function of the token alone.
import type { GenerateRequest, GenerateResponse, TokenLogprobs } from '#libs/rpc/index.js';

/** The likeliest token is always the one after the token itself, then come the token and those before it. */
function entryOf(token: number, numTop: number): TokenLogprobs {
  const topIds = Array.from({ length: numTop }, (_, i) => token + 1 - i);
  return { logprob: -0.5, topIds, topLogprobs: topIds.map((_, i) => -0.25 * (i + 1)) };
}

/** @param isFirst The first round of its call: it brings the prompt's, unless tokens were generated before. */
export function fakeLogprobs(
  { tokens, promptLength, logprobs: numTop, promptLogprobs: ofPrompt }: GenerateRequest,
  committed: readonly number[],
  isFirst: boolean,
): Pick<GenerateResponse, 'logprobs' | 'promptLogprobs'> {
  const readsPrompt = ofPrompt !== undefined && isFirst && tokens.length === promptLength;
  return {
    ...(numTop !== undefined && { logprobs: committed.map((token) => entryOf(token, numTop)) }),
    ...(readsPrompt && { promptLogprobs: tokens.slice(1).map((token) => entryOf(token, ofPrompt)) }),
  };
}
