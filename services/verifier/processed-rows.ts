// The rows of logits that a verification judges by: after the request's processors and the grammar's masks.
import { AppError } from '#libs/errors/index.js';
import { type MaskRows, maskRow } from '#libs/grammar/index.js';
import {
  changesLogits,
  History,
  NothingAllowedError,
  type Proposal,
  processLogits,
} from '#libs/sampling/index.js';
import type { Sequence } from '#libs/speculative/index.js';

/** Row i after bias, forbidden tokens and penalties: it sees the committed tokens and drafted[0 … i − 1]. */
export function processedRows(
  { tokens, promptLength, sampling }: Sequence,
  proposal: Proposal,
  masks: MaskRows | undefined,
  scratch: Float32Array,
): (row: Float32Array, i: number) => Float32Array {
  if (!changesLogits(sampling) && masks === undefined) return (row) => row;
  const history = new History(tokens, promptLength);
  return (row, i) => {
    try {
      const allowedMask = masks && maskRow(masks, i);
      return processLogits(row, sampling, history.continueWith(proposal.tokens, i), { scratch, allowedMask });
    } catch (cause) {
      if (!(cause instanceof NothingAllowedError)) throw cause;
      throw new AppError('invalid_argument', cause.message, { cause });
    }
  };
}
