// Texts that are hard on tokenizers: words, runs of spaces, letters of several bytes, punctuation, and long ones of each.
import fc from 'fast-check';

const WORDS = [
  'the',
  ' the',
  ' and',
  'ing',
  ' house',
  "don't",
  ' 2024',
  'a',
  'th',
  'e',
  '.',
  ', ',
  '\n',
  '\n\n',
  '\t',
];
const STRANGE = [
  '  ',
  '      ',
  '…',
  'é',
  'e\u0301',
  '猫が',
  '。',
  '😀',
  '👩‍👩‍👧',
  '\u0000',
  '<',
  "'s",
  "'",
  '_x',
  '`',
];

/** @param maxPieces Of some three characters each. */
export function arbitraryText(maxPieces = 40): fc.Arbitrary<string> {
  const piece = fc.oneof(
    { weight: 6, arbitrary: fc.constantFrom(...WORDS) },
    { weight: 2, arbitrary: fc.constantFrom(...STRANGE) },
    { weight: 1, arbitrary: fc.string({ maxLength: 4 }) },
  );
  return fc.array(piece, { maxLength: maxPieces, size: 'max' }).map((pieces) => pieces.join(''));
}
