// The engine of a draft model: sessions step in turn or together, as the step queue has it.
import { type Engine, type EngineOptions, type ForwardJob, openEngine } from '#libs/engine/index.js';
import { PROMPT_STEP } from './drafting.js';
import { StepQueue } from './step-queue.js';

/** @throws AppError failed_precondition if a graph is missing or cannot be run. */
export function openDraftEngine(options: EngineOptions): Promise<Engine> {
  return openEngine({ ...options, maxBatchTokens: PROMPT_STEP }, new StepQueue<ForwardJob>());
}
