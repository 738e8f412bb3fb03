// The seam between the committed text and a drafted one: which tokens of the target continue the one with the other.
import type { Codec } from './codec.js';
import { validLength } from './utf8.js';

export interface CommittedEnd {
  /** The end of the committed text. */
  readonly tail: string;
  /** Committed bytes behind it: the beginning of a character. */
  readonly held: Uint8Array;
}

/**
 * Tokens whose bytes, appended to the committed ones, spell the drafted text or its beginning; none if there are no such.
 * @param drafted Follows `tail`: must begin with the bytes held. An unfinished character at its end waits.
 */
export function continueText(target: Codec, { tail, held }: CommittedEnd, drafted: Uint8Array): number[] {
  if (held.some((byte, i) => byte !== drafted[i])) return [];
  const length = validLength(drafted);
  if (length <= held.length) return [];
  const wanted = drafted.subarray(held.length, length);
  const text = new TextDecoder('utf-8', { ignoreBOM: true }).decode(drafted.subarray(0, length));
  // As the target would have written it behind its own text …
  const joined = behind(target, target.encode(tail + text), wanted.length);
  if (joined.length > 0) return spelling(target, joined, wanted);
  // … but if a token would lie across the seam, the committed ones stand, and the drafted text begins anew. Tokenizers
  // that put a space before every text are given one less.
  if (held.length > 0) return [];
  const apart = spelling(target, target.encode(text), wanted);
  return apart.length > 0 || !text.startsWith(' ')
    ? apart
    : spelling(target, target.encode(text.slice(1)), wanted);
}

/** The last tokens, as many as have so many bytes together; none if no token begins there. */
function behind(target: Codec, tokens: readonly number[], numBytes: number): readonly number[] {
  let left = numBytes;
  let start = tokens.length;
  while (left > 0 && start > 0) left -= target.bytesOf(tokens[--start]!).length;
  return left === 0 ? tokens.slice(start) : [];
}

/** The tokens from the first on that spell `wanted`. */
function spelling(target: Codec, tokens: readonly number[], wanted: Uint8Array): number[] {
  let at = 0;
  const fitting: number[] = [];
  for (const token of tokens) {
    const bytes = target.bytesOf(token);
    if (bytes.length === 0 || bytes.some((byte, i) => byte !== wanted[at + i])) break;
    at += bytes.length;
    fitting.push(token);
  }
  return fitting;
}
