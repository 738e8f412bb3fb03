// The tokens as the automaton sees them: bytes of text, packed so that they pass to a thread in one piece.

export interface GrammarVocabulary {
  /** All tokens' bytes, one after the other. */
  readonly bytes: Uint8Array;
  /** Token i is bytes [offsets[i], offsets[i + 1]); an empty token can't occur in a grammar. [vocabSize + 1] */
  readonly offsets: Uint32Array;
  /** The model's own end tokens: allowed where the grammar may end. */
  readonly stopTokenIds: readonly number[];
}

/** @param tokens What each token adds to the text; empty for special tokens and unused ids. */
export function packVocabulary(
  tokens: readonly Uint8Array[],
  stopTokenIds: readonly number[],
): GrammarVocabulary {
  const offsets = new Uint32Array(tokens.length + 1);
  tokens.forEach((token, i) => {
    offsets[i + 1] = offsets[i]! + token.length;
  });
  const bytes = new Uint8Array(offsets[tokens.length]!);
  tokens.forEach((token, i) => {
    bytes.set(token, offsets[i]);
  });
  return { bytes, offsets, stopTokenIds };
}

export function unpackVocabulary({ bytes, offsets }: GrammarVocabulary): Uint8Array[] {
  return Array.from({ length: offsets.length - 1 }, (_, i) => bytes.subarray(offsets[i], offsets[i + 1]));
}
