// The public service's messages ↔ wire.

import type {
  GenerationServiceGenerateRequest__Output as WireRequest,
  GenerationServiceGenerateRequest as WireRequestInput,
} from '../generated/outrider/v1/GenerationServiceGenerateRequest.js';
import type {
  GenerationServiceGenerateResponse__Output as WireResponse,
  GenerationServiceGenerateResponse as WireResponseInput,
} from '../generated/outrider/v1/GenerationServiceGenerateResponse.js';
import {
  MAX_CHAT_MESSAGES,
  MAX_ID_LENGTH,
  MAX_SEQUENCE_TOKENS,
  MAX_STOP_STRING_LENGTH,
  MAX_STOP_STRINGS,
} from '../limits.js';
import type { GenerateTextRequest, GenerateTextResponse } from '../messages.js';
import { atMost, inRange, invalid, present } from './check.js';
import {
  checkPriority,
  finishReasonFromWire,
  finishReasonToWire,
  roundFromWire,
  roundToWire,
} from './generate.js';
import { samplingToWire, seedlessSamplingFromWire, speculationFromWire } from './sampling.js';

export function textRequestToWire(request: GenerateTextRequest): WireRequestInput {
  const { input } = request;
  return {
    model: request.model,
    ...('prompt' in input ? { prompt: input.prompt } : { chat: { messages: [...input.messages] } }),
    sampling: samplingToWire(request.sampling),
    maxTokens: request.maxTokens,
    stop: [...request.stop],
    speculation: request.speculation,
    sessionId: request.sessionId,
    priority: request.priority ?? 0,
  };
}

export function textRequestFromWire(wire: WireRequest): GenerateTextRequest {
  const stop = atMost(wire.stop, MAX_STOP_STRINGS, 'stop');
  for (const text of stop) atMost(text, MAX_STOP_STRING_LENGTH, 'stop');
  return {
    model: atMost(wire.model, MAX_ID_LENGTH, 'model'),
    input: inputFromWire(wire),
    sampling: seedlessSamplingFromWire(wire.sampling),
    maxTokens: inRange(wire.maxTokens, 0, MAX_SEQUENCE_TOKENS, 'max_tokens'),
    stop,
    speculation: speculationFromWire(wire.speculation),
    sessionId: atMost(wire.sessionId, MAX_ID_LENGTH, 'session_id'),
    ...(wire.priority !== 0 && { priority: checkPriority(wire.priority) }),
  };
}

function inputFromWire(wire: WireRequest): GenerateTextRequest['input'] {
  if (wire.input === 'prompt') return { prompt: present(wire.prompt, 'prompt') };
  if (wire.input !== 'chat') throw invalid('input', 'is missing: set either prompt or chat.');
  const { messages } = present(wire.chat, 'chat');
  return { messages: atMost(messages, MAX_CHAT_MESSAGES, 'chat.messages') };
}

export function textResponseToWire(response: GenerateTextResponse): WireResponseInput {
  return {
    text: response.text,
    tokens: response.tokens as number[],
    round: response.round === undefined ? null : roundToWire(response.round),
    finishReason: finishReasonToWire(response.finishReason),
    usage: response.usage ?? null,
  };
}

export function textResponseFromWire(wire: WireResponse): GenerateTextResponse {
  const finishReason = finishReasonFromWire(wire.finishReason);
  return {
    text: wire.text,
    tokens: wire.tokens,
    ...(wire.round === null ? {} : { round: roundFromWire(wire.round) }),
    ...(finishReason === undefined ? {} : { finishReason }),
    ...(wire.usage === null ? {} : { usage: wire.usage }),
  };
}
