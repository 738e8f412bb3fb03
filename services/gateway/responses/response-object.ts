// The response object: what was asked, how far it came, and what it used.
// https://platform.openai.com/docs/api-reference/responses/object
import type { AppError } from '#libs/errors/index.js';
import type { Generation, GenerationSummary } from '../generation/generation.js';
import { errorBody } from '../openai/error-body.js';
import { metricsOf } from '../openai/usage.js';
import type { ResponsesBody } from './responses-schema.js';

/** What a response says of its request, the same from the first event to the last. */
export class ResponseObject {
  constructor(
    private readonly body: ResponsesBody,
    private readonly generation: Pick<Generation, 'id' | 'model' | 'created'>,
  ) {}

  inProgress(): object {
    return this.#shape('in_progress', [], {});
  }

  ended(output: readonly object[], summary: GenerationSummary): object {
    const usage = { usage: usageOf(summary), metrics: metricsOf(summary) };
    if (isComplete(summary)) {
      const completed_at = Math.floor(this.generation.created + summary.timings.generationTimeMs / 1000);
      return this.#shape('completed', output, { completed_at, ...usage });
    }
    return this.#shape('incomplete', output, {
      incomplete_details: { reason: 'max_output_tokens' },
      ...usage,
    });
  }

  failed(output: readonly object[], error: AppError): object {
    const code = error.code === 'resource_exhausted' ? 'rate_limit_exceeded' : 'server_error';
    return this.#shape('failed', output, { error: { code, message: errorBody(error).error.message } });
  }

  #shape(status: string, output: readonly object[], changes: object): object {
    const { body, generation } = this;
    return {
      id: generation.id,
      object: 'response',
      created_at: generation.created,
      status,
      completed_at: null,
      background: false,
      error: null,
      incomplete_details: null,
      instructions: body.instructions ?? null,
      max_output_tokens: body.max_output_tokens ?? null,
      max_tool_calls: null,
      model: generation.model,
      output,
      parallel_tool_calls: body.parallel_tool_calls ?? true,
      previous_response_id: null,
      prompt_cache_key: null,
      reasoning: { effort: null, summary: null },
      safety_identifier: null,
      service_tier: 'default',
      store: false,
      temperature: body.temperature ?? 1,
      text: { format: body.text?.format ?? { type: 'text' } },
      tool_choice: body.tool_choice ?? 'auto',
      tools: (body.tools ?? []).map(toolShape),
      top_logprobs: 0,
      top_p: body.top_p ?? 1,
      truncation: 'disabled',
      usage: null,
      user: body.user ?? null,
      metadata: body.metadata ?? {},
      ...changes,
    };
  }
}

function toolShape({ type, name, description, parameters, strict }: BodyTool) {
  return {
    type,
    name,
    description: description ?? null,
    parameters: parameters ?? null,
    strict: strict ?? null,
  };
}

type BodyTool = NonNullable<ResponsesBody['tools']>[number];

export function isComplete({ finishReason }: GenerationSummary): boolean {
  return finishReason !== 'length';
}

function usageOf({ promptTokens, completionTokens, cachedTokens }: GenerationSummary) {
  return {
    input_tokens: promptTokens,
    input_tokens_details: { cached_tokens: cachedTokens },
    output_tokens: completionTokens,
    output_tokens_details: { reasoning_tokens: 0 },
    total_tokens: promptTokens + completionTokens,
  };
}
