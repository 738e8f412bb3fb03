// Choices of /v1/chat/completions.
import type { ResponseShape } from './response-shape.js';

export const chatShape: ResponseShape = {
  chunkObject: 'chat.completion.chunk',
  object: 'chat.completion',
  opening: { index: 0, delta: { role: 'assistant', content: '' }, logprobs: null, finish_reason: null },
  piece: (text, finishReason) => ({
    index: 0,
    delta: text === '' ? {} : { content: text },
    logprobs: null,
    finish_reason: finishReason,
  }),
  whole: (text, { finishReason }) => ({
    index: 0,
    message: { role: 'assistant', content: text, refusal: null },
    logprobs: null,
    finish_reason: finishReason,
  }),
};
