// THE use case: template → tokens → route → stream → text → stop. Controllers and the gRPC service only translate.
// The choices of a request share its prompt, session and route; each is a Generate call of its own.
import { AppError } from '#libs/errors/index.js';
import { loggedChunks } from '../distill-log/logged-chunks.js';
import { withToolCalls } from '../tools/tool-use.js';
import type { Caller } from './caller.js';
import type { Choice } from './choice.js';
import { ChoiceRecord } from './choice-record.js';
import type { Generation, GenerationChunk } from './generation.js';
import type { GenerationDeps } from './generation-deps.js';
import type { GenerationRequest } from './generation-request.js';
import { interleaved } from './interleaved.js';
import { modelNotFound } from './model-not-found.js';
import { type ChoiceJob, openChoice } from './open-choice.js';
import { preparePrompt } from './prompt.js';
import { PromptReading } from './prompt-echo.js';
import type { RunningRequest } from './running-requests.js';
import { samplingOf } from './sampling.js';
import { cacheOwner, sessionKey } from './session-key.js';
import { withGrammar } from './with-grammar.js';

export class GenerationService {
  constructor(private readonly deps: GenerationDeps) {}

  /**
   * Everything that can be refused is refused here, before a header is sent.
   * Errors: `model_not_found`, `invalid_argument`, `context_length_exceeded`, `rate_limit_exceeded`, `unavailable`,
   * `cancelled`.
   */
  async start(request: GenerationRequest, caller: Caller): Promise<Generation> {
    const { text, now } = this.deps;
    if (request.model !== text.name) throw modelNotFound(request.model, text.name);
    const running = this.deps.running.enter(caller);
    const startedAt = now();
    const record = this.#record(request, 0, startedAt);
    try {
      const job = await this.#prepare(request, running);
      const { numChoices = 1 } = request;
      const choices: Choice[] = [];
      for (let i = 0; i < numChoices; i++)
        choices.push(openChoice(this.deps, job, i, i === 0 ? record : this.#record(request, i, startedAt)));
      const close = () => {
        for (const choice of choices) choice.close();
        running.leave();
      };
      return {
        id: request.id,
        model: text.name,
        created: this.deps.unixSeconds(),
        numChoices,
        numPrompts: 1,
        promptTokens: job.prompt.tokens.length,
        chunks: this.#logged(job.request, this.#chunks(job.request, choices, running)),
        close,
      };
    } catch (thrown) {
      const error = AppError.from(running.signal.aborted ? running.signal.reason : thrown);
      record.end(error.code === 'cancelled' ? 'abort' : 'error');
      throw this.#failed(error, running, request);
    }
  }

  async #prepare(asked: GenerationRequest, running: RunningRequest): Promise<ChoiceJob> {
    const { text, router } = this.deps;
    const request = await withGrammar(text, asked);
    const { input, echo = false, promptLogprobs } = request;
    const prompt = await preparePrompt(text, input, request.maxTokens);
    const sampling = await samplingOf(text, request);
    const owner = cacheOwner(running.tenant, request.cacheSalt);
    const sessionId = sessionKey(owner, text.name, input, prompt.tokens, request.sessionId);
    const route = await router.route(sessionId, { model: text.manifestName, signal: running.signal });
    const isSeen = echo || promptLogprobs !== undefined;
    const reading = isSeen ? new PromptReading(text, input, prompt.tokens) : undefined;
    if (promptLogprobs === undefined) reading?.report(undefined);
    return { request, prompt, sampling, sessionId, route, reading, running };
  }

  async *#chunks(
    request: GenerationRequest,
    choices: readonly Choice[],
    running: RunningRequest,
  ): AsyncGenerator<GenerationChunk> {
    try {
      const { toolCallFormat } = this.deps.text;
      const streams = choices.map((choice) => withToolCalls(choice.chunks(), request.input, toolCallFormat));
      // Most requests have one choice, and its rounds needn't pass through one more generator.
      if (streams.length > 1) yield* interleaved(streams, () => running.leave());
      else yield* streams[0]!;
    } catch (thrown) {
      throw this.#failed(AppError.from(thrown), running, request);
    } finally {
      running.leave();
    }
  }

  #logged(
    request: GenerationRequest,
    chunks: AsyncGenerator<GenerationChunk>,
  ): AsyncGenerator<GenerationChunk> {
    const { distillLog } = this.deps;
    return distillLog === undefined ? chunks : loggedChunks(distillLog, request, chunks);
  }

  #record({ speculation }: GenerationRequest, index: number, startedAt: number): ChoiceRecord {
    const { metrics, now } = this.deps;
    const { numSpeculativeTokens } = speculation;
    return new ChoiceRecord({ metrics, now, startedAt, sharesPrompt: index > 0, numSpeculativeTokens });
  }

  #failed(error: AppError, running: RunningRequest, { id }: GenerationRequest): AppError {
    running.leave();
    if (error.mapping.http >= 500)
      this.deps.logger.error({ requestId: id, tenant: running.tenant, err: error }, 'generation failed');
    return error;
  }
}
