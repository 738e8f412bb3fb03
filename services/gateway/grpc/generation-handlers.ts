// The public gRPC service: the same use case, with a message a round.
import { AppError } from '#libs/errors/index.js';
import type { GenerateTextRequest, GenerateTextResponse, GenerationHandlers } from '#libs/rpc/index.js';
import type { Authenticate } from '../auth/authenticator.js';
import type { GenerationChunk } from '../generation/generation.js';
import type { GenerationService } from '../generation/generation.service.js';
import type { GenerationRequest } from '../generation/generation-request.js';
import { newId } from '../generation/new-id.js';
import { seedAndVerification } from '../generation/verification-default.js';
import { IDEMPOTENCY_KEY, requestKey } from '../idempotency/request-key.js';

const MAX_TEMPERATURE = 2;
const MAX_SPECULATIVE_TOKENS = 16;
const DEADLINE_SLACK_MS = 50;
const MAX_TIMER_MS = 2 ** 31 - 1;

export interface GenerationHandlersOptions {
  readonly generations: Pick<GenerationService, 'start'>;
  /** Answers requests that name none. */
  readonly servedModel: string;
  readonly authenticate: Authenticate;
}

export function generationHandlers(options: GenerationHandlersOptions): GenerationHandlers {
  const { generations, servedModel, authenticate } = options;
  return {
    async *generate(request, { signal, metadata, deadline }) {
      const tenant = authenticate(metadata);
      const asked = { ...toGeneration(request, servedModel), timeoutMs: timeoutOf(deadline) };
      const key = requestKey(metadata(IDEMPOTENCY_KEY), 'grpc', request);
      const generation = await generations.start(asked, { tenant, signal, key });
      try {
        for await (const chunk of generation.chunks) yield toResponse(chunk);
      } finally {
        generation.close();
      }
    },
  };
}

/** A little less than the caller's own, so that it hears what became of its request rather than nothing. */
function timeoutOf(deadline: number | undefined): number | undefined {
  if (deadline === undefined) return undefined;
  return Math.min(Math.max(deadline - Date.now() - DEADLINE_SLACK_MS, 1), MAX_TIMER_MS);
}

/** The rpc layer has checked types and sizes; what is left are the ranges of this service. */
function toGeneration(request: GenerateTextRequest, servedModel: string): GenerationRequest {
  const { input, sampling, speculation, sessionId, maxTokens } = request;
  refuse(sampling.temperature > MAX_TEMPERATURE, 'sampling.temperature', `must be 0 to ${MAX_TEMPERATURE}`);
  const { numSpeculativeTokens } = speculation;
  refuse(
    numSpeculativeTokens > MAX_SPECULATIVE_TOKENS,
    'speculation.num_speculative_tokens',
    `must be 0 to ${MAX_SPECULATIVE_TOKENS}`,
  );
  return {
    id: newId('gen-'),
    model: request.model === '' ? servedModel : request.model,
    input:
      'prompt' in input ? { kind: 'text', text: input.prompt } : { kind: 'chat', messages: input.messages },
    sampling: { ...sampling, ...seedAndVerification(sampling) },
    maxTokens: maxTokens === 0 ? undefined : maxTokens,
    stop: request.stop,
    stopTokenIds: [],
    ignoreEos: false,
    badWords: [],
    speculation,
    sessionId: sessionId === '' ? undefined : sessionId,
    priority: request.priority,
  };
}

function refuse(wrong: boolean, field: string, rule: string): void {
  if (wrong) throw new AppError('invalid_argument', `${field}: ${rule}.`, { field });
}

function toResponse({ text, tokens, round, summary }: GenerationChunk): GenerateTextResponse {
  if (summary === undefined) return { text, tokens, round };
  const { promptTokens, completionTokens, cachedTokens } = summary;
  // Requests over gRPC have no tools.
  const finishReason = summary.finishReason === 'tool_calls' ? 'stop' : summary.finishReason;
  return { text, tokens, round, finishReason, usage: { promptTokens, completionTokens, cachedTokens } };
}
