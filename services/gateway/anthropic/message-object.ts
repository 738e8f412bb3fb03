// The message object, whole and as a stream begins and ends it.
// https://platform.claude.com/docs/en/api/messages
import type { Generation, GenerationSummary } from '../generation/generation.js';
import { metricsOf } from '../openai/usage.js';
import type { MessageEvent } from './content-blocks.js';

const STOP_REASONS = { stop: 'end_turn', length: 'max_tokens', tool_calls: 'tool_use' } as const;

type Named = Pick<Generation, 'id' | 'model'>;

export function wholeMessage(
  generation: Named,
  content: readonly object[],
  summary: GenerationSummary,
): object {
  return { ...message(generation, content, stopOf(summary), usageOf(summary)), metrics: metricsOf(summary) };
}

/** How much of the prompt is in the cache shows with the first round only: `message_delta` tells. */
export function messageStart(generation: Named & Pick<Generation, 'promptTokens'>): MessageEvent {
  const usage = usageShape(generation.promptTokens, 0, 0);
  const stop = { stop_reason: null, stop_sequence: null };
  return { type: 'message_start', message: message(generation, [], stop, usage) };
}

export function messageDelta(summary: GenerationSummary): MessageEvent {
  return {
    type: 'message_delta',
    delta: stopOf(summary),
    usage: usageOf(summary),
    metrics: metricsOf(summary),
  };
}

function message({ id, model }: Named, content: readonly object[], stop: object, usage: object): object {
  return { id, type: 'message', role: 'assistant', model, content, ...stop, usage };
}

function stopOf({ finishReason, stopString }: GenerationSummary) {
  if (stopString !== undefined) return { stop_reason: 'stop_sequence', stop_sequence: stopString };
  return { stop_reason: STOP_REASONS[finishReason], stop_sequence: null };
}

function usageOf({ promptTokens, cachedTokens, completionTokens }: GenerationSummary) {
  return usageShape(promptTokens - cachedTokens, cachedTokens, completionTokens);
}

/** As there, `input_tokens` leaves out what came from the cache. */
function usageShape(inputTokens: number, cachedTokens: number, outputTokens: number) {
  return {
    input_tokens: inputTokens,
    cache_creation_input_tokens: 0,
    cache_read_input_tokens: cachedTokens,
    output_tokens: outputTokens,
  };
}
