// Makes one choice of a request ready: what it asks its verifier for, and how its tokens become text.
import type { SamplingParams } from '#libs/sampling/index.js';
import type { Route } from '#libs/session/index.js';
import { StopMatcher } from '#libs/tokenizer/index.js';
import type { AnswerJournal } from '../idempotency/answer-journal.js';
import { JournaledRounds, type LiveRounds } from '../idempotency/journaled-rounds.js';
import { Choice, type ChoiceRounds } from './choice.js';
import type { ChoiceRecord } from './choice-record.js';
import { choiceSeed } from './choice-seed.js';
import { CommittedRounds } from './committed-rounds.js';
import { CompletionText } from './completion-text.js';
import type { GenerationDeps } from './generation-deps.js';
import type { GenerationRequest } from './generation-request.js';
import type { Prompt } from './prompt.js';
import type { PromptReading } from './prompt-echo.js';
import type { RunningRequest } from './request-group.js';
import { endTokenIds, stopTokenIds } from './sampling.js';
import { cacheOwner, cacheSalt, tenantId } from './session-key.js';

/** What all choices of a request have in common. */
export interface ChoiceJob {
  readonly request: GenerationRequest;
  readonly prompt: Prompt;
  readonly sampling: SamplingParams;
  readonly sessionId: string;
  /** Where it goes first; undefined while another gateway generates. */
  readonly route: Route | undefined;
  readonly reading: PromptReading | undefined;
  readonly running: RunningRequest;
  /** Of a request with an idempotency key; the number of its first choice there. */
  readonly keyed?: { readonly journal: AnswerJournal; readonly firstChoice: number } | undefined;
}

/** @param index From 0. Throws `invalid_argument` for an empty stop string. */
export function openChoice(
  deps: GenerationDeps,
  job: ChoiceJob,
  index: number,
  record: ChoiceRecord,
): Choice {
  const { request, prompt, reading, running } = job;
  record.prompt(prompt.tokens.length);
  return new Choice({
    index,
    record,
    rounds: choiceRounds(deps, job, index),
    text: completionText(deps, request),
    names: deps.text,
    prompt: reading,
    readsOnly: prompt.maxTokens === 0,
    signal: running.signal,
  });
}

function choiceRounds(deps: GenerationDeps, job: ChoiceJob, index: number): ChoiceRounds {
  const { route, keyed } = job;
  const live = (committed: readonly number[], first: Route): LiveRounds => {
    const rounds = committedRounds(deps, job, index, committed);
    return {
      rounds: (signal) => rounds.from(first, signal),
      get failovers() {
        return rounds.failovers;
      },
    };
  };
  if (keyed === undefined) return live([], route!);
  return new JournaledRounds(keyed.journal, keyed.firstChoice + index, async (committed, signal) =>
    live(committed, route ?? (await routeOf(deps, job.sessionId, signal))),
  );
}

/** Errors: `unavailable`, `cancelled`. */
export function routeOf(deps: GenerationDeps, sessionId: string, signal: AbortSignal): Promise<Route> {
  return deps.router.route(sessionId, { model: deps.text.manifestName, signal });
}

function completionText({ text }: GenerationDeps, request: GenerationRequest): CompletionText {
  const { input, stop, stopTokenIds: stopTokens, includesStop = false, showsSpecialTokens } = request;
  return new CompletionText({
    decoder: text.decoder(input.kind !== 'chat', { showsSpecialTokens }),
    stops: new StopMatcher(stop),
    endTokens: endTokenIds(text, request),
    stopTokens,
    includesStop,
  });
}

function committedRounds(
  deps: GenerationDeps,
  job: ChoiceJob,
  index: number,
  committed: readonly number[],
): CommittedRounds {
  const { text, router, dialer, metrics, logger, pace } = deps;
  const { request, prompt, sampling, sessionId, running } = job;
  const { logprobs, promptLogprobs, numChoices = 1 } = request;
  const requestId = numChoices === 1 ? request.id : `${request.id}/${index}`;
  return new CommittedRounds({
    committed,
    router,
    dialer,
    pace,
    timeLeftMs: running.timeLeftMs,
    maxBusyMs: deps.maxBusyMs,
    vocabSize: text.vocabSize,
    model: text.manifestName,
    request: {
      requestId,
      sessionId,
      cacheSalt: cacheSalt(cacheOwner(running.tenant, request.cacheSalt)),
      tenant: tenantId(running.tenant),
      priority: request.priority,
      tokens: prompt.tokens,
      promptLength: prompt.tokens.length,
      sampling: { ...sampling, seed: choiceSeed(sampling.seed, index) },
      maxTokens: Math.max(prompt.maxTokens, 1),
      stopTokenIds: stopTokenIds(text, request),
      speculation: request.speculation,
      grammar: request.grammar,
      ...(logprobs !== undefined && { logprobs }),
      ...(promptLogprobs !== undefined && index === 0 && { promptLogprobs }),
    },
    onFailover: (error, from, to) => {
      metrics.failovers.inc();
      logger.warn(
        { requestId, tenant: running.tenant, from, to, err: error },
        'generation moved to another verifier',
      );
    },
  });
}
