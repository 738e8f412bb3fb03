// Choices of /v1/completions.
import type { ResponseShape } from './response-shape.js';

export const completionShape: ResponseShape = {
  chunkObject: 'text_completion',
  object: 'text_completion',
  opening: undefined,
  piece: (text, finishReason) => ({ index: 0, text, logprobs: null, finish_reason: finishReason }),
  whole: (text, { finishReason }) => ({ index: 0, text, logprobs: null, finish_reason: finishReason }),
};
