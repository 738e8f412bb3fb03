// What a draft's tokens say, up to the first special one.
import type { Codec } from './codec.js';

export interface DraftedText {
  readonly bytes: Uint8Array;
  /** Where each drafted token begins, the special one included. */
  readonly starts: readonly number[];
  /** The special token that ended it. */
  readonly special: { readonly index: number; readonly name: string } | undefined;
}

export function bytesOfDraft(drafted: ArrayLike<number>, draft: Codec): DraftedText {
  const bytes: number[] = [];
  const starts: number[] = [];
  for (let index = 0; index < drafted.length; index++) {
    const token = drafted[index]!;
    starts.push(bytes.length);
    const name = draft.specialName(token);
    if (name !== undefined) return { bytes: Uint8Array.from(bytes), starts, special: { index, name } };
    for (const byte of draft.bytesOf(token)) bytes.push(byte);
  }
  return { bytes: Uint8Array.from(bytes), starts, special: undefined };
}
