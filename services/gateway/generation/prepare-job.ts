// Everything about a request that can be refused before its first header: grammar, prompt, sampling.
import type { KeyedRequests } from '../idempotency/journals.js';
import type { GenerationDeps } from './generation-deps.js';
import type { GenerationRequest } from './generation-request.js';
import { type ChoiceJob, routeOf } from './open-choice.js';
import { preparePrompt } from './prompt.js';
import { PromptReading } from './prompt-echo.js';
import type { RunningRequest } from './request-group.js';
import { samplingOf } from './sampling.js';
import { cacheOwner, sessionKey } from './session-key.js';
import { withGrammar } from './with-grammar.js';

/**
 * @param index among the requests of one answer.
 * Errors: `invalid_argument`, `context_length_exceeded`, `unavailable` (nobody to go to), `cancelled`.
 */
export async function prepareJob(
  deps: GenerationDeps,
  asked: GenerationRequest,
  index: number,
  running: RunningRequest,
  of: KeyedRequests | undefined,
): Promise<ChoiceJob> {
  const { text } = deps;
  const request = await withGrammar(text, asked);
  const { input, echo = false, promptLogprobs, numChoices = 1 } = request;
  const prompt = await preparePrompt(text, input, request.maxTokens);
  const sampling = await samplingOf(text, request);
  const owner = cacheOwner(running.tenant, request.cacheSalt);
  const sessionId = sessionKey(owner, text.name, input, prompt.tokens, request.sessionId);
  const isSeen = echo || promptLogprobs !== undefined;
  const reading = isSeen ? new PromptReading(text, input, prompt.tokens) : undefined;
  if (promptLogprobs === undefined) reading?.report(undefined);
  const keyed = of && { journal: of.journal, firstChoice: index * numChoices };
  const generatesHere = of === undefined || of.journal.isOurs;
  const route = generatesHere ? await routeOf(deps, sessionId, running.signal) : undefined;
  return { request, prompt, sampling, sessionId, route, reading, running, keyed };
}

/** Who is alive may have changed since. Errors: `unavailable`, `cancelled`. */
export async function rerouted(deps: GenerationDeps, job: ChoiceJob): Promise<ChoiceJob> {
  return { ...job, route: await routeOf(deps, job.sessionId, job.running.signal) };
}
