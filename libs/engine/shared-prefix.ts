// Looks for another slot that already holds the keys and values of a sequence's beginning: the n choices of one request,
// or conversations under the same system prompt. Copying rows takes microseconds a token, computing them milliseconds.
import type { Slot } from './slot.js';

/** Tokens that must be gained: below it the copy is not worth disturbing anything. */
const MIN_GAIN = 16;

export interface SharedPrefix {
  readonly donor: Slot;
  /** Tokens of the sequence whose rows the donor's cache holds. */
  readonly length: number;
}

/**
 * The slot whose cache holds the longest beginning of `slot`'s tokens, their last one aside; undefined if it holds hardly
 * more than `slot` itself, which may be among them. Only slots of the same salt share: how fast an answer comes tells what others have asked.
 */
export function findSharedPrefix(slot: Slot, slots: Iterable<Slot>): SharedPrefix | undefined {
  const { tokens, cache, salt } = slot;
  const most = tokens.length - 1;
  let length = cache.length + MIN_GAIN - 1;
  let donor: Slot | undefined;
  if (most <= length) return undefined;
  for (const other of slots) {
    const known = Math.min(most, other.cache.length);
    // The token that would beat the best so far is compared first: with many slots of one beginning most fail there.
    if (known <= length || other.tokens[length] !== tokens[length] || other.salt !== salt) continue;
    const common = commonLength(other.tokens, tokens, known);
    if (common <= length) continue;
    donor = other;
    length = common;
  }
  return donor && { donor, length };
}

function commonLength(a: readonly number[], b: readonly number[], most: number): number {
  let i = 0;
  while (i < most && a[i] === b[i]) i++;
  return i;
}
