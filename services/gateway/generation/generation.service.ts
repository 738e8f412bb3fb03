// THE use case: template → tokens → a place → route → stream → text → stop. Controllers and the gRPC service only translate.
// The choices of a request share its prompt, session and route; each is a Generate call of its own.
import { AppError } from '#libs/errors/index.js';
import { loggedChunks } from '../distill-log/logged-chunks.js';
import type { KeyedRequests } from '../idempotency/journals.js';
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
import { prepareJob, rerouted } from './prepare-job.js';
import type { RequestGroup, RunningRequest } from './request-group.js';

/** A route older than this is looked for again. */
const OLD_ROUTE_MS = 500;

export class GenerationService {
  constructor(private readonly deps: GenerationDeps) {}

  /** One request; see `startAll`. */
  async start(request: GenerationRequest, caller: Caller): Promise<Generation> {
    return (await this.startAll([request], caller))[0]!;
  }

  /**
   * The requests of one answer, one a prompt: all begin, or none. Everything that can be refused is refused here, before a
   * header is sent.
   * Errors: those of Journals.open with an idempotency key, `model_not_found`, `invalid_argument`,
   * `context_length_exceeded`, `rate_limit_exceeded`, `unavailable`, `deadline_exceeded`, `cancelled`.
   */
  async startAll(requests: readonly GenerationRequest[], caller: Caller): Promise<Generation[]> {
    const { text, now, journals } = this.deps;
    for (const { model } of requests) if (model !== text.name) throw modelNotFound(model, text.name);
    const startedAt = now();
    const keyed = caller.key && (await journals.open(requests, caller, startedAt));
    if (keyed === undefined) return this.#start(requests, caller, startedAt);
    let isShown = false;
    const over = () => journals.end(keyed.journal, !isShown);
    const generations = await this.#start(keyed.requests, caller, startedAt, { ...keyed, over });
    isShown = true;
    return generations;
  }

  async #start(
    requests: readonly GenerationRequest[],
    caller: Caller,
    startedAt: number,
    keyed?: KeyedRequests & { readonly over: () => void },
  ): Promise<Generation[]> {
    const demand = demandOf(requests);
    // A retry is charged where it was first sent, and takes places only where it generates.
    const isOurs = keyed?.journal.isOurs ?? true;
    const late = { ...demand, numRequests: 0 };
    const isNew = keyed === undefined || keyed.journal.standing === 'started';
    const places = { demand: isNew ? demand : late, areNeeded: isOurs, onOver: keyed?.over };
    const group = this.deps.running.enterAll(caller, requests.length, places);
    const records = requests.map((request) => ChoiceRecord.of(this.deps, request, 0, startedAt, !isOurs));
    try {
      const prepared = requests.map((request, i) =>
        prepareJob(this.deps, request, i, group.requests[i]!, keyed),
      );
      let jobs = await Promise.all(prepared);
      const queueMs = isOurs ? await group.admitted(tokensOf(jobs)) : 0;
      keyed?.journal.tenure?.admitted(queueMs);
      keyed?.journal.onTakingOver(() => group.admittedLate(late, tokensOf(jobs)));
      if (queueMs > OLD_ROUTE_MS) jobs = await Promise.all(jobs.map((job) => rerouted(this.deps, job)));
      return jobs.map((job, i) => this.#open(job, records[i]!, startedAt, queueMs, keyed?.created));
    } catch (thrown) {
      const { signal } = group.requests[0]!;
      const error = AppError.from(signal.aborted ? signal.reason : thrown);
      for (const record of records) record.end(error.code === 'cancelled' ? 'abort' : 'error');
      throw this.#failed(error, group, requests[0]!, caller.tenant);
    }
  }

  #open(
    job: ChoiceJob,
    first: ChoiceRecord,
    startedAt: number,
    queueMs: number,
    created = this.deps.unixSeconds(),
  ): Generation {
    const { request, running, prompt, keyed } = job;
    const isReplay = keyed?.journal.isOurs === false;
    const { numChoices = 1 } = request;
    const choices = Array.from({ length: numChoices }, (_, i) => {
      const record = i === 0 ? first : ChoiceRecord.of(this.deps, request, i, startedAt, isReplay);
      record.begin(queueMs);
      return openChoice(this.deps, job, i, record);
    });
    const close = () => {
      for (const choice of choices) choice.close();
      running.leave();
    };
    const streams = choices.map((choice, i) =>
      withToolCalls(choice.chunks(), request.input, this.deps.text.toolCallFormat, `${request.id}/${i}`),
    );
    return {
      id: request.id,
      model: this.deps.text.name,
      created,
      numChoices,
      numPrompts: 1,
      promptTokens: prompt.tokens.length,
      chunks: this.#logged(request, this.#chunks(request, streams, running), isReplay),
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
    isReplay: boolean,
  ): AsyncGenerator<GenerationChunk> {
    const { distillLog } = this.deps;
    return distillLog === undefined || isReplay ? chunks : loggedChunks(distillLog, request, chunks);
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
