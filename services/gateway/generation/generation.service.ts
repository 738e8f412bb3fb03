// THE use case: template → tokens → a place → route → stream → text → stop. Controllers and the gRPC service only translate.
// The choices of a request share its prompt, session and route; each is a Generate call of its own.
import { AppError } from '#libs/errors/index.js';
import { prefixHashes, type Route } from '#libs/session/index.js';
import { loggedChunks } from '../distill-log/logged-chunks.js';
import { withToolCalls } from '../tools/tool-use.js';
import type { Caller } from './caller.js';
import { ChoiceRecord } from './choice-record.js';
import { demandOf, tokensOf } from './demand.js';
import type { Generation, GenerationChunk } from './generation.js';
import type { GenerationDeps } from './generation-deps.js';
import type { GenerationRequest } from './generation-request.js';
import { interleaved } from './interleaved.js';
import { modelNotFound } from './model-not-found.js';
import { type ChoiceJob, openChoice } from './open-choice.js';
import { preparePrompt } from './prompt.js';
import { PromptReading } from './prompt-echo.js';
import type { RequestGroup, RunningRequest } from './request-group.js';
import { samplingOf } from './sampling.js';
import { cacheOwner, cacheSalt, sessionKey } from './session-key.js';
import { withGrammar } from './with-grammar.js';

/** A route older than this is looked for again. */
const OLD_ROUTE_MS = 500;

export class GenerationService {
  constructor(private readonly deps: GenerationDeps) {}

  /** One request; see `startAll`. */
  async start(request: GenerationRequest, caller: Caller): Promise<Generation> {
    const [generation] = await this.startAll([request], caller);
    return generation!;
  }

  /**
   * The requests of one answer, one a prompt: all begin, or none. Everything that can be refused is refused here, before a
   * header is sent.
   * Errors: `model_not_found`, `invalid_argument`, `context_length_exceeded`, `rate_limit_exceeded`, `unavailable`,
   * `deadline_exceeded`, `cancelled`.
   */
  async startAll(requests: readonly GenerationRequest[], caller: Caller): Promise<Generation[]> {
    const { text, now } = this.deps;
    for (const { model } of requests) if (model !== text.name) throw modelNotFound(model, text.name);
    const group = this.deps.running.enterAll(caller, requests.length, demandOf(requests));
    const startedAt = now();
    const records = requests.map((request) => this.#record(request, 0, startedAt));
    try {
      const prepared = requests.map((request, i) => this.#prepare(request, group.requests[i]!));
      let jobs = await Promise.all(prepared);
      const queueMs = await group.admitted(tokensOf(jobs));
      // Who is alive may have changed meanwhile.
      if (queueMs > OLD_ROUTE_MS)
        jobs = await Promise.all(jobs.map(async (job) => ({ ...job, route: await this.#route(job) })));
      return jobs.map((job, i) => this.#open(job, records[i]!, startedAt, queueMs));
    } catch (thrown) {
      const { signal } = group.requests[0]!;
      const error = AppError.from(signal.aborted ? signal.reason : thrown);
      for (const record of records) record.end(error.code === 'cancelled' ? 'abort' : 'error');
      throw this.#failed(error, group, requests[0]!, caller.tenant);
    }
  }

  async #prepare(asked: GenerationRequest, running: RunningRequest): Promise<ChoiceJob> {
    const { text } = this.deps;
    const request = await withGrammar(text, asked);
    const { input, echo = false, promptLogprobs } = request;
    const prompt = await preparePrompt(text, input, request.maxTokens);
    const sampling = await samplingOf(text, request);
    const owner = cacheOwner(running.tenant, request.cacheSalt);
    const sessionId = sessionKey(owner, text.name, input, prompt.tokens, request.sessionId);
    const isSeen = echo || promptLogprobs !== undefined;
    const reading = isSeen ? new PromptReading(text, input, prompt.tokens) : undefined;
    if (promptLogprobs === undefined) reading?.report(undefined);
    const prefixes = () => prefixHashes(cacheSalt(owner), prompt.tokens);
    const route = await this.#route({ sessionId, prefixes, running });
    return { request, prompt, sampling, sessionId, route, prefixes, reading, running };
  }

  #route(job: Pick<ChoiceJob, 'sessionId' | 'prefixes' | 'running'>): Promise<Route> {
    const { router, text } = this.deps;
    const { sessionId, prefixes, running } = job;
    return router.route(sessionId, { model: text.manifestName, prefixes, signal: running.signal });
  }

  #open(job: ChoiceJob, first: ChoiceRecord, startedAt: number, queueMs: number): Generation {
    const { request, running, prompt } = job;
    const { numChoices = 1 } = request;
    const choices = Array.from({ length: numChoices }, (_, i) => {
      const record = i === 0 ? first : this.#record(request, i, startedAt);
      record.begin(queueMs);
      return openChoice(this.deps, job, i, record);
    });
    const close = () => {
      for (const choice of choices) choice.close();
      running.leave();
    };
    const { toolCallFormat } = this.deps.text;
    const streams = choices.map((choice) => withToolCalls(choice.chunks(), request.input, toolCallFormat));
    return {
      id: request.id,
      model: this.deps.text.name,
      created: this.deps.unixSeconds(),
      numChoices,
      numPrompts: 1,
      promptTokens: prompt.tokens.length,
      chunks: this.#logged(request, this.#chunks(request, streams, running)),
      close,
    };
  }

  async *#chunks(
    request: GenerationRequest,
    streams: readonly AsyncIterable<GenerationChunk>[],
    running: RunningRequest,
  ): AsyncGenerator<GenerationChunk> {
    try {
      // Most requests have one choice, and its rounds needn't pass through one more generator.
      if (streams.length > 1) yield* interleaved(streams, () => running.leave());
      else yield* streams[0]!;
    } catch (thrown) {
      throw this.#failed(AppError.from(thrown), running, request, running.tenant);
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

  #failed(
    error: AppError,
    running: Pick<RequestGroup, 'leave'>,
    { id }: GenerationRequest,
    tenant: string,
  ): AppError {
    running.leave();
    if (error.mapping.http >= 500)
      this.deps.logger.error({ requestId: id, tenant, err: error }, 'generation failed');
    return error;
  }
}
