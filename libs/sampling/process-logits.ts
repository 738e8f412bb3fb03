// Logit bias, forbidden tokens and penalties: what changes a row of logits before temperature, depending on the history
// (order: params.ts). They define p BEFORE verification, position by position: row i sees the committed tokens and
// drafted[0 … i−1], each once.
import { maskOfTokens } from './allowed-mask.js';
import { EditedRow } from './edited-row.js';
import type { History } from './history.js';
import type { SamplingParams } from './params.js';

/** No token is left to choose: the parameters contradict each other, or a draft's reduced head lacks what is allowed. */
export class NothingAllowedError extends RangeError {
  override readonly name = 'NothingAllowedError';
}

const sameIndex = (token: number) => token;

export interface ProcessOptions {
  /** Where a changed row is written; must not overlap the logits. [≥ logits.length] */
  readonly scratch?: Float32Array | undefined;
  /**
   * Index of a token in the row, −1 for a token that the row lacks: for a draft whose output layer covers a part of the
   * vocabulary. By default index = id.
   */
  readonly rowOf?: ((token: number) => number) | undefined;
  /**
   * What a grammar allows at the position: bit b of word w is index 32 · w + b of the row. All else is forbidden.
   * [ceil(logits.length / 32)]
   */
  readonly allowedMask?: Int32Array | undefined;
}

/** False if processLogits, without a mask, returns every row itself: such a request needs neither it nor a history. */
export function changesLogits(params: SamplingParams): boolean {
  return (
    penalises(params) ||
    (params.logitBias?.size ?? 0) > 0 ||
    params.allowedTokenIds !== undefined ||
    (params.bannedTokenIds?.length ?? 0) > 0 ||
    (params.badWords?.length ?? 0) > 0 ||
    ((params.minTokens ?? 0) > 0 && (params.stopTokenIds?.length ?? 0) > 0)
  );
}

function penalises({ frequencyPenalty, presencePenalty, repetitionPenalty }: SamplingParams): boolean {
  return (frequencyPenalty ?? 0) !== 0 || (presencePenalty ?? 0) !== 0 || (repetitionPenalty ?? 1) !== 1;
}

/**
 * The row that `toDistribution`, `draftDistribution` or `argmax` takes next: the given one if nothing applies, else a
 * changed copy (in `scratch`: valid until its next use). The logits are only read. Costs time for the distinct tokens
 * concerned, and one copy of the row. Throws NothingAllowedError, a RangeError, if every token is forbidden.
 * @param history The tokens before the position that the row is for.
 */
export function processLogits(
  logits: Float32Array,
  params: SamplingParams,
  history: History,
  { scratch, rowOf = sameIndex, allowedMask }: ProcessOptions = {},
): Float32Array {
  if (!changesLogits(params) && allowedMask === undefined) return logits;
  const row = new EditedRow(logits, scratch, rowOf);
  if (params.logitBias !== undefined) for (const [token, bias] of params.logitBias) row.add(token, bias);
  // Penalties act before the forbidding here: a forbidden token stays so whatever they do, so the order is all one, and
  // this way no penalty has to spare the forbidden value.
  penalise(row, params, history);
  const { allowedTokenIds } = params;
  if (allowedTokenIds !== undefined) row.forbidOutside(maskOfTokens(allowedTokenIds, rowOf));
  forbid(row, params, history);
  if (allowedMask !== undefined) row.forbidOutside(allowedMask);
  if (row.isEmpty) {
    const who = allowedMask === undefined ? 'sampling parameters' : 'grammar and the sampling parameters';
    throw new NothingAllowedError(
      `The ${who} forbid every token at position ${history.length}; allow at least one.`,
    );
  }
  return row.values;
}

function penalise(row: EditedRow, params: SamplingParams, history: History): void {
  const { frequencyPenalty = 0, presencePenalty = 0, repetitionPenalty = 1 } = params;
  if (repetitionPenalty !== 1) for (const token of history.seen.keys()) row.weaken(token, repetitionPenalty);
  if (frequencyPenalty !== 0 || presencePenalty !== 0)
    for (const [token, count] of history.generated)
      row.add(token, -(presencePenalty + frequencyPenalty * count));
}

function forbid(row: EditedRow, params: SamplingParams, history: History): void {
  const { bannedTokenIds = [], badWords = [], minTokens = 0, stopTokenIds = [] } = params;
  for (const token of bannedTokenIds) row.forbid(token);
  for (const word of badWords) if (wouldComplete(word, history)) row.forbid(word.at(-1)!);
  if (history.generatedLength < minTokens) for (const token of stopTokenIds) row.forbid(token);
}

/** Whether all but the last token of the word end the history. */
function wouldComplete(word: readonly number[], history: History): boolean {
  const lead = word.length - 1;
  if (lead < 0) return false;
  const start = history.length - lead;
  for (let i = 0; i < lead; i++) if (history.tokenAt(start + i) !== word[i]) return false;
  return true;
}
