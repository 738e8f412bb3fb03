// How a model drafts for one round. Shared by draft models and by a target that drafts for itself.
import { type DraftedTokens, DraftRun, type DraftStart } from './draft-run.js';
import type { DraftPlan } from './round.js';

export interface DraftTask extends DraftPlan, DraftStart {
  /** The committed tokens; what is drafted is appended. */
  readonly tokens: number[];
  /** Logits of the token that follows `tokens`, valid until the next call. [head rows] */
  readonly nextLogits: () => Promise<Float32Array>;
}

/** Throws the signal's reason between two tokens. */
export async function draftTokens(task: DraftTask, signal: AbortSignal): Promise<DraftedTokens> {
  const run = new DraftRun(task);
  for (;;) {
    const length = run.lengthFor(task);
    if (length !== undefined) return run.proposed(length);
    signal.throwIfAborted();
    const token = run.draw(await task.nextLogits());
    if (token !== undefined) task.tokens.push(token);
  }
}
