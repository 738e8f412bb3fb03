// The public gRPC service: the same use case, with a message a round.
import { AppError } from '#libs/errors/index.js';
import type { GenerateTextRequest, GenerateTextResponse, GenerationHandlers } from '#libs/rpc/index.js';
import type { Authenticate } from '../auth/authenticator.js';
import type { GenerationChunk } from '../generation/generation.js';
import type { GenerationService } from '../generation/generation.service.js';
import type { GenerationRequest } from '../generation/generation-request.js';
import { newId } from '../generation/new-id.js';
import { seedAndVerification } from '../generation/verification-default.js';

const MAX_TEMPERATURE = 2;
const MAX_SPECULATIVE_TOKENS = 16;

export interface GenerationHandlersOptions {
  readonly generations: Pick<GenerationService, 'start'>;
  /** Answers requests that name none. */
  readonly servedModel: string;
  readonly authenticate: Authenticate;
}

export function generationHandlers(options: GenerationHandlersOptions): GenerationHandlers {
  const { generations, servedModel, authenticate } = options;
  return {
    async *generate(request, { signal, metadata }) {
      const tenant = authenticate(metadata);
      const generation = await generations.start(toGeneration(request, servedModel), { tenant, signal });
      try {
        for await (const chunk of generation.chunks) yield toResponse(chunk);
      } finally {
        generation.close();
      }
    },
  };
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
