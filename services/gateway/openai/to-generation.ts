// From a checked OpenAI body to the domain's request.
import { AppError } from '#libs/errors/index.js';
import type { SamplingParams } from '#libs/sampling/index.js';
import type { GenerationRequest, PromptInput } from '../generation/generation-request.js';
import { newId } from '../generation/new-id.js';
import { seedAndVerification } from '../generation/verification-default.js';
import { answerOptions, checkAnswer, refuse } from './answer-fields.js';
import type { ChatBody } from './chat-schema.js';
import type { CompletionBody } from './completion-schema.js';
import { requestedGrammar } from './grammar-fields.js';
import { type SamplingFields, sessionId } from './sampling-fields.js';
import { chatMessages } from './to-messages.js';
import { chatTools } from './to-tools.js';

type GenerationBody = Partial<SamplingFields> & { readonly model: string };

/** OpenAI's default for plain completions. */
const DEFAULT_COMPLETION_TOKENS = 16;

export function chatGeneration(body: ChatBody, sessionHeader: string | undefined): GenerationRequest {
  const input = { kind: 'chat', messages: chatMessages(body.messages), ...chatTools(body) } as const;
  const maxTokens = body.max_completion_tokens ?? body.max_tokens;
  checkAnswer(body, 1);
  refuse(!body.logprobs && body.top_logprobs !== undefined, 'top_logprobs', 'needs logprobs to be true');
  return {
    ...generation(newId('chatcmpl-'), input, maxTokens, body, sessionHeader),
    ...answerOptions(body),
    logprobs: body.logprobs ? (body.top_logprobs ?? 0) : undefined,
    promptLogprobs: body.prompt_logprobs,
  };
}

/** One a prompt. */
export function completionGenerations(
  body: CompletionBody,
  sessionHeader: string | undefined,
): GenerationRequest[] {
  const { echo = false, logprobs, prompt_logprobs: ofPrompt } = body;
  const maxTokens = body.max_tokens ?? DEFAULT_COMPLETION_TOKENS;
  const inputs = promptInputs(body.prompt);
  checkAnswer(body, inputs.length);
  const isSeen = echo || ofPrompt !== undefined;
  refuse(maxTokens === 0 && !isSeen, 'max_tokens', 'must be at least 1 without echo or prompt_logprobs');
  const ofEcho = echo ? logprobs : undefined;
  const promptLogprobs = ofEcho === undefined ? ofPrompt : Math.max(ofEcho, ofPrompt ?? 0);
  const id = newId('cmpl-');
  return inputs.map((input, i) => ({
    ...generation(inputs.length === 1 ? id : `${id}/${i}`, input, maxTokens, body, sessionHeader),
    ...answerOptions(body),
    logprobs,
    promptLogprobs,
    echo,
  }));
}

function promptInputs(prompt: CompletionBody['prompt']): PromptInput[] {
  if (typeof prompt === 'string') return [{ kind: 'text', text: prompt }];
  if (typeof prompt[0] === 'number') return [{ kind: 'tokens', tokens: prompt as number[] }];
  return (prompt as (string | number[])[]).map((one) =>
    typeof one === 'string' ? { kind: 'text', text: one } : { kind: 'tokens', tokens: one },
  );
}

/** Any route's body: what it leaves out is not set. */
export function generation(
  id: string,
  input: PromptInput,
  maxTokens: number | undefined,
  body: GenerationBody,
  sessionHeader: string | undefined,
): GenerationRequest {
  const { stop, speculation } = body;
  return {
    id,
    model: body.model,
    input,
    sampling: samplingParams(body),
    maxTokens,
    stop: stop === undefined ? [] : typeof stop === 'string' ? [stop] : stop,
    stopTokenIds: body.stop_token_ids ?? [],
    ignoreEos: body.ignore_eos ?? false,
    badWords: body.bad_words ?? [],
    speculation: {
      enabled: speculation?.enabled ?? true,
      numSpeculativeTokens: speculation?.num_speculative_tokens ?? 0,
      method: speculation?.method ?? '',
      ...(speculation?.controller && { controller: speculation.controller }),
      ...(speculation?.optimistic && { optimistic: speculation.optimistic }),
    },
    ...requestedGrammar(body),
    sessionId: body.session_id ?? sessionFromHeader(sessionHeader),
    cacheSalt: body.cache_salt,
    priority: body.priority,
    ...(body.timeout !== undefined && { timeoutMs: Math.ceil(body.timeout * 1000) }),
  };
}

function samplingParams(body: GenerationBody): SamplingParams {
  return {
    temperature: body.temperature ?? 1,
    topK: Math.max(body.top_k ?? 0, 0),
    topP: body.top_p ?? 1,
    ...seedAndVerification({
      ...(body.seed !== undefined && { seed: BigInt.asUintN(64, BigInt(body.seed)) }),
      verification: body.speculation?.verification,
    }),
    ...(body.speculation?.draft_mode && { draftMode: body.speculation.draft_mode }),
    ...samplingOptions(body),
  };
}

/** What is off is left out, so that a plain request stays plain. */
function samplingOptions(body: GenerationBody): Partial<SamplingParams> {
  return {
    ...(body.min_p && { minP: body.min_p }),
    ...(body.typical_p !== undefined && body.typical_p < 1 && { typicalP: body.typical_p }),
    ...(body.frequency_penalty && { frequencyPenalty: body.frequency_penalty }),
    ...(body.presence_penalty && { presencePenalty: body.presence_penalty }),
    ...(body.repetition_penalty !== undefined &&
      body.repetition_penalty !== 1 && { repetitionPenalty: body.repetition_penalty }),
    ...(body.logit_bias && body.logit_bias.size > 0 && { logitBias: body.logit_bias }),
    ...(body.allowed_token_ids && { allowedTokenIds: body.allowed_token_ids }),
    ...(body.min_tokens && { minTokens: body.min_tokens }),
  };
}

function sessionFromHeader(header: string | undefined): string | undefined {
  if (header === undefined || header === '') return undefined;
  if (sessionId.safeParse(header).success) return header;
  throw new AppError('invalid_argument', 'X-Session-Id: must be at most 512 characters.', {
    field: 'X-Session-Id',
  });
}
