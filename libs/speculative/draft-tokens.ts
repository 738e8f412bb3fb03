// How a model drafts: one token after the other, each drawn from exactly the law q that the verifier is told
// (architecture.md, F). Shared by draft models and by a target that drafts for itself.
import {
  changesLogits,
  type Distribution,
  deterministicProposal,
  draftDistribution,
  drawDraft,
  History,
  keyedRandom,
  NothingAllowedError,
  type Proposal,
  processLogits,
  rawProbability,
  type SamplingParams,
  sampledProposal,
  sendsLaws,
} from '#libs/sampling/index.js';
import type { DraftPlan } from './round.js';

/** Which token each logit stands for, where the output layer covers a part of the vocabulary. */
export interface DraftHead {
  /** Undefined when row i is token i. */
  readonly tokenIds: Uint32Array | undefined;
  /** Row of a token; below 0 if the head cannot draft it. */
  readonly rowOf: (token: number) => number;
}

export const WHOLE_HEAD: DraftHead = { tokenIds: undefined, rowOf: (token) => token };

export interface DraftTask extends DraftPlan {
  /** The committed tokens; what is drafted is appended. */
  readonly tokens: number[];
  readonly promptLength: number;
  readonly sampling: SamplingParams;
  readonly head: DraftHead;
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
  const { tokens, sampling, head } = task;
  const random = keyedRandom(sampling.seed, tokens.length);
  const history = changesLogits(sampling) ? new History(tokens, task.promptLength) : undefined;
  const drafted: number[] = [];
  const laws: Distribution[] = [];
  const confidences: number[] = [];
  let reach = 1;
  while (drafted.length < task.maxTokens) {
    signal.throwIfAborted();
    const logits = await task.nextLogits();
    const row = processedRow(logits, sampling, history, head);
    // Nothing that is allowed is in this head: the target decides alone.
    if (row === undefined) break;
    const law = draftDistribution(row, sampling, head.tokenIds);
    const token = drawDraft(law, sampling, tokens.length, random);
    drafted.push(token);
    tokens.push(token);
    history?.push(token);
    laws.push(law);
    const confidence = rawProbability(logits, head.rowOf(token));
    confidences.push(confidence);
    reach *= confidence;
    // Stops AFTER the doubtful token: dropping what was already drawn would bias the output.
    if (confidence < task.minConfidence || reach < (task.minReach ?? 0)) break;
  }
  const proposal = sendsLaws(sampling) ? sampledProposal(drafted, laws) : deterministicProposal(drafted);
  return { proposal, confidences };
}

/** The row after bias, forbidden tokens and penalties; undefined if they forbid all that this head can draft. */
function processedRow(
  logits: Float32Array,
  sampling: SamplingParams,
  history: History | undefined,
  head: DraftHead,
): Float32Array | undefined {
  if (history === undefined) return logits;
  try {
    return processLogits(logits, sampling, history, { rowOf: head.rowOf });
  } catch (error) {
    if (error instanceof NothingAllowedError) return undefined;
    throw error;
  }
}
