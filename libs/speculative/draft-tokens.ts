// How a model drafts for one round. Shared by draft models and by a target that drafts for itself.
import type { Proposal } from '#libs/sampling/index.js';
import { DraftRun, type DraftStart } from './draft-run.js';
import type { DraftPlan } from './round.js';

/** Which token each logit stands for, where the output layer covers a part of the vocabulary. */
export interface DraftHead {
  /** Undefined when row i is token i. */
  readonly tokenIds: Uint32Array | undefined;
  /** Row of a token; below 0 if the head cannot draft it. */
  readonly rowOf: (token: number) => number;
}

export const WHOLE_HEAD: DraftHead = { tokenIds: undefined, rowOf: (token) => token };

export interface DraftTask extends DraftPlan, DraftStart {
  /** The committed tokens; what is drafted is appended. */
  readonly tokens: number[];
  /** Logits of the token that follows `tokens`, valid until the next call. [head rows] */
  readonly nextLogits: () => Promise<Float32Array>;
}

export interface DraftedTokens {
  readonly proposal: Proposal;
  /** Raw probability of each drafted token. */
  readonly confidences: readonly number[];
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
