// Choices of /v1/chat/completions.
import type { GenerationChunk } from '../generation/generation.js';
import type { ScoredToken } from '../generation/scored-token.js';
import { chatLogprobs, promptLogprobs } from './logprobs-shape.js';
import type { ChoiceShape, ResponseShape } from './response-shape.js';

export interface ChatShapeOptions {
  /** Alternatives to name with each token of the answer; undefined: no log probabilities. */
  readonly topLogprobs: number | undefined;
  /** The same of the prompt. */
  readonly promptLogprobs: number | undefined;
}

export function chatShape(options: ChatShapeOptions): ResponseShape {
  return {
    chunkObject: 'chat.completion.chunk',
    object: 'chat.completion',
    choice: (index) => chatChoice(index, options),
    extras: ([first]) => {
      const { promptLogprobs: numTop } = options;
      const scores = first?.prompt?.scores;
      return numTop === undefined
        ? {}
        : { prompt_logprobs: scores ? promptLogprobs(scores, numTop) : [null] };
    },
  };
}

function chatChoice(index: number, { topLogprobs }: ChatShapeOptions): ChoiceShape {
  const logprobsOf = (scores: readonly ScoredToken[] | undefined) =>
    topLogprobs === undefined || scores === undefined ? null : chatLogprobs(scores, topLogprobs);
  return {
    opening: { index, delta: { role: 'assistant', content: '' }, logprobs: null, finish_reason: null },
    piece: ({ text, scores, summary }: GenerationChunk) => {
      const logprobs = logprobsOf(scores);
      if (text === '' && logprobs === null && summary === undefined) return undefined;
      // Clients skip a delta without content, and its log probabilities with it.
      const delta = text === '' && logprobs === null ? {} : { content: text };
      return { index, delta, logprobs, finish_reason: summary?.finishReason ?? null };
    },
    whole: ({ text, scores, summary }) => ({
      index,
      message: { role: 'assistant', content: text, refusal: null },
      logprobs: logprobsOf(scores),
      finish_reason: summary.finishReason,
    }),
  };
}
