// What the requests of one answer want of the gateway's places: known from their bodies, but for the tokens, which are
// known when the prompts are read.
import type { VisitDemand } from '../limits/visit.js';
import type { GenerationRequest } from './generation-request.js';
import type { ChoiceJob } from './open-choice.js';

/** @param requests Of one body: but for their prompts they are alike. */
export function demandOf(requests: readonly GenerationRequest[]): VisitDemand {
  const { numChoices = 1, priority = 0, timeoutMs } = requests[0]!;
  return { choices: requests.length * numChoices, numRequests: requests.length, priority, timeoutMs };
}

/** Prompts and what may be generated, of all choices: what their KV caches may come to hold. */
export function tokensOf(jobs: readonly Pick<ChoiceJob, 'request' | 'prompt'>[]): number {
  return jobs.reduce((sum, { request: { numChoices = 1 }, prompt: { tokens, maxTokens } }) => {
    return sum + numChoices * (tokens.length + maxTokens);
  }, 0);
}
