// Looks for another slot that holds the keys and values of a sequence's beginning: the n choices of one request, or
// conversations under the same system prompt. Copying rows takes microseconds a token, computing them milliseconds.
import { commonLength } from './block-tree.js';
import { type Slot, sharedRows } from './slot.js';

export interface SharedPrefix {
  readonly donor: Slot;
  /** Tokens of the sequence whose rows the donor's cache holds. */
  readonly length: number;
}

/**
 * The slot whose cache holds the longest beginning of `slot`'s tokens, their last one aside, if it is longer than `least`.
 * Only slots of the same salt share: how fast an answer comes tells what others have asked.
 */
export function findSharedPrefix(slot: Slot, slots: Iterable<Slot>, least: number): SharedPrefix | undefined {
  const { tokens, salt } = slot;
  const most = tokens.length - 1;
  let length = least;
  let donor: Slot | undefined;
  for (const other of slots) {
    const known = Math.min(most, sharedRows(other));
    // The token that would beat the best so far is compared first: with many slots of one beginning most fail there.
    if (known <= length || other.tokens[length] !== tokens[length] || other.salt !== salt) continue;
    const common = commonLength(other.tokens, tokens, 0, known);
    if (common <= length) continue;
    donor = other;
    length = common;
  }
  return donor && { donor, length };
}
