// Choices of /v1/chat/completions.
import type { ScoredToken } from '../generation/scored-token.js';
import { chatLogprobs, promptLogprobs } from './logprobs-shape.js';
import type { ChoiceShape, ResponseShape } from './response-shape.js';
import { answerPieces, deltasOf, messageOf } from './tool-call-shape.js';

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
    pieces: (chunk) => {
      const logprobs = logprobsOf(chunk.scores);
      const deltas = deltasOf(answerPieces(chunk));
      // Clients skip a delta without content, and its log probabilities with it.
      if (logprobs !== null) deltas[0] = { content: '', ...deltas[0] };
      if (deltas.length === 0 && chunk.summary !== undefined) deltas.push({});
      return deltas.map((delta, i) => ({
        index,
        delta,
        logprobs: i === 0 ? logprobs : null,
        finish_reason: i === deltas.length - 1 ? (chunk.summary?.finishReason ?? null) : null,
      }));
    },
    whole: ({ scores, summary, ...answer }) => ({
      index,
      message: messageOf(answerPieces(answer)),
      logprobs: logprobsOf(scores),
      finish_reason: summary.finishReason,
    }),
  };
}
