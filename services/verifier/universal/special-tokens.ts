// Special tokens have no text, so each vocabulary has its own. One is translated to the token of the same spelling, else
// to the one that plays the same part (beginning, end); what the other vocabulary has no word for is left out.
import type { Codec } from './codec.js';

/** Token id of `to` for each special token of `from`; undefined: none. Remembers what it has found out. */
export function specialTokens(from: Codec, to: Codec): (id: number, name: string) => number | undefined {
  const known = new Map<number, number | undefined>();
  return (id, name) => {
    if (!known.has(id)) known.set(id, to.specialId(name) ?? samePart(id, from, to));
    return known.get(id);
  };
}

function samePart(id: number, from: Codec, to: Codec): number | undefined {
  // The end first: some models begin and end with one token, and an end is what a draft can foresee.
  if (id === from.eosTokenId) return to.eosTokenId;
  return id === from.bosTokenId ? to.bosTokenId : undefined;
}
