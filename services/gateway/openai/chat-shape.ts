// Choices of /v1/chat/completions.
import type { ResponseShape } from './response-shape.js';
import { type ChatDelta, deltasOf, messageOf } from './tool-call-shape.js';

export const chatShape: ResponseShape = {
  chunkObject: 'chat.completion.chunk',
  object: 'chat.completion',
  opening: choice({ role: 'assistant', content: '' }, null),
  piece: (text, finishReason) => choice(text === '' ? {} : { content: text }, finishReason),
  calls: (pieces, finishReason) => {
    const choices = deltasOf(pieces).map((delta) => choice(delta, null));
    return finishReason === null ? choices : [...choices, choice({}, finishReason)];
  },
  whole: (text, { finishReason }, pieces = [{ kind: 'text', text }]) => ({
    index: 0,
    message: messageOf(pieces),
    logprobs: null,
    finish_reason: finishReason,
  }),
};

function choice(delta: ChatDelta, finishReason: string | null): object {
  return { index: 0, delta, logprobs: null, finish_reason: finishReason };
}
