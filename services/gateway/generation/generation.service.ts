// THE use case: template → tokens → route → stream → text → stop. Controllers and the gRPC service only translate.
import { AppError } from '#libs/errors/index.js';
import type { GenerateResponse } from '#libs/rpc/index.js';
import type { SamplingParams } from '#libs/sampling/index.js';
import type { Route } from '#libs/session/index.js';
import { StopMatcher } from '#libs/tokenizer/index.js';
import { withToolCalls } from '../tools/tool-call-stage.js';
import { toolCallParser } from '../tools/tool-use.js';
import type { Caller } from './caller.js';
import { CommittedRounds } from './committed-rounds.js';
import { CompletionText } from './completion-text.js';
import type { Generation, GenerationChunk } from './generation.js';
import type { GenerationDeps } from './generation-deps.js';
import type { GenerationRequest } from './generation-request.js';
import { modelNotFound } from './model-not-found.js';
import { type Prompt, preparePrompt } from './prompt.js';
import { RequestRecord } from './request-record.js';
import type { RunningRequest } from './running-requests.js';
import { endTokenIds, samplingOf, stopTokenIds } from './sampling.js';
import { sessionKey } from './session-key.js';
import { withGrammar } from './with-grammar.js';

interface Job {
  readonly request: GenerationRequest;
  readonly route: Route;
  readonly rounds: CommittedRounds;
  readonly text: CompletionText;
  readonly record: RequestRecord;
  readonly running: RunningRequest;
}

export class GenerationService {
  constructor(private readonly deps: GenerationDeps) {}

  /**
   * Everything that can be refused is refused here, before a header is sent.
   * Errors: `model_not_found`, `invalid_argument`, `context_length_exceeded`, `rate_limit_exceeded`, `unavailable`,
   * `cancelled`.
   */
  async start(request: GenerationRequest, caller: Caller): Promise<Generation> {
    const { text, router, metrics, now } = this.deps;
    if (request.model !== text.name) throw modelNotFound(request.model, text.name);
    const running = this.deps.running.enter(caller);
    const { numSpeculativeTokens } = request.speculation;
    const record = new RequestRecord({ metrics, now, numSpeculativeTokens });
    try {
      const asked = await withGrammar(text, request);
      const prompt = await preparePrompt(text, request.input, request.maxTokens);
      record.prompt(prompt.tokens.length);
      const sampling = await samplingOf(text, asked);
      const sessionId = sessionKey(caller.tenant, text.name, request.input, prompt.tokens, request.sessionId);
      const route = await router.route(sessionId, { model: text.manifestName, signal: running.signal });
      const rounds = this.#rounds(asked, prompt, sampling, sessionId, caller.tenant);
      const decoder = text.decoder(request.input.kind !== 'chat');
      const completion = new CompletionText(
        decoder,
        new StopMatcher(request.stop),
        endTokenIds(text, asked),
        request.stopTokenIds,
      );
      const parser = toolCallParser(request.input, text.toolCallFormat);
      const chunks = this.#chunks({ request, route, rounds, text: completion, record, running });
      return {
        id: request.id,
        model: text.name,
        created: this.deps.unixSeconds(),
        promptTokens: prompt.tokens.length,
        chunks: parser === undefined ? chunks : withToolCalls(chunks, parser),
        close: () => leave(record, running),
      };
    } catch (thrown) {
      throw this.#failed(thrown, record, running, request);
    }
  }

  async *#chunks(job: Job): AsyncGenerator<GenerationChunk> {
    const { record, running } = job;
    try {
      let last: GenerationChunk | undefined;
      // The loop is left before the last chunk is yielded, so that the verifier's slot is free at once.
      for await (const response of job.rounds.from(job.route, running.signal)) {
        const chunk = this.#chunk(job, response);
        if (chunk.summary !== undefined) {
          last = chunk;
          break;
        }
        yield chunk;
      }
      if (last !== undefined) yield last;
    } catch (thrown) {
      throw this.#failed(thrown, record, running, job.request);
    } finally {
      leave(record, running);
    }
  }

  #chunk({ text, record, rounds }: Job, response: GenerateResponse): GenerationChunk {
    const piece = text.push(response.tokens);
    const { round } = response;
    record.round(round, piece.numTokens);
    const finishReason = piece.stopped ? 'stop' : response.finishReason;
    if (finishReason === undefined)
      return { text: piece.text, tokens: response.tokens, round, summary: undefined };
    record.end(finishReason);
    return {
      text: piece.stopped ? piece.text : piece.text + text.flush(),
      tokens: response.tokens.slice(0, piece.numTokens),
      round,
      summary: record.summary(finishReason, rounds.failovers, piece.stopString),
    };
  }

  #rounds(
    request: GenerationRequest,
    prompt: Prompt,
    sampling: SamplingParams,
    sessionId: string,
    tenant: string,
  ): CommittedRounds {
    const { text, router, dialer, metrics, logger, stallTimeoutMs } = this.deps;
    return new CommittedRounds({
      router,
      dialer,
      stallTimeoutMs,
      vocabSize: text.vocabSize,
      model: text.manifestName,
      request: {
        requestId: request.id,
        sessionId,
        tokens: prompt.tokens,
        promptLength: prompt.tokens.length,
        sampling,
        maxTokens: prompt.maxTokens,
        stopTokenIds: stopTokenIds(text, request),
        speculation: request.speculation,
        grammar: request.grammar,
      },
      onFailover: (error, from, to) => {
        metrics.failovers.inc();
        logger.warn(
          { requestId: request.id, tenant, from, to, err: error },
          'generation moved to another verifier',
        );
      },
    });
  }

  #failed(
    thrown: unknown,
    record: RequestRecord,
    running: RunningRequest,
    request: GenerationRequest,
  ): AppError {
    const { signal, tenant } = running;
    const error = AppError.from(signal.aborted ? signal.reason : thrown);
    record.end(error.code === 'cancelled' ? 'abort' : 'error');
    running.leave();
    if (error.mapping.http >= 500)
      this.deps.logger.error({ requestId: request.id, tenant, err: error }, 'generation failed');
    return error;
  }
}

/** Harmless after an end; without one, the reader left early. */
function leave(record: RequestRecord, running: RunningRequest): void {
  record.end('abort');
  running.leave();
}
