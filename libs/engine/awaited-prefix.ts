// Whether a sequence had better wait for another one: the n choices of a request come at once, and while the first reads
// the prompt the others would read it as well, only because its rows are not there to be copied yet.
import type { Slot } from './slot.js';

/** Tokens that must be gained. */
const MIN_GAIN = 16;

/** Whether one of the slots that are being worked on is about to hold most of what `slot` lacks, and little besides. */
export function isAwaitingPrefix(slot: Slot, inUse: Iterable<Slot>): boolean {
  const { tokens, cache, salt } = slot;
  const lacking = tokens.length - 1 - cache.length;
  if (lacking < MIN_GAIN) return false;
  for (const other of inUse) {
    const toCompute = other.tokens.length - other.cache.length;
    if (other === slot || other.salt !== salt || toCompute < MIN_GAIN) continue;
    const gain = commonLength(other.tokens, tokens) - cache.length;
    if (gain >= MIN_GAIN && 2 * gain > Math.max(lacking, toCompute)) return true;
  }
  return false;
}

function commonLength(a: readonly number[], b: readonly number[]): number {
  const most = Math.min(a.length, b.length);
  let i = 0;
  while (i < most && a[i] === b[i]) i++;
  return i;
}
