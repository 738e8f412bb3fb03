import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { arbitraryText } from '../../../test/support/arbitrary-text.js';
import { byteTokenizer } from '../../../test/support/byte-tokenizer.js';
import { pieceTokenizer } from '../../../test/support/piece-tokenizer.js';
import { type Codec, codecOf } from './codec.js';
import { Translation } from './translation.js';

const bytes = codecOf(byteTokenizer());
const pieces = codecOf(pieceTokenizer());
const vocabSize = { bytes: byteTokenizer().vocabSize, pieces: pieceTokenizer().vocabSize };
const pairs: readonly [string, Codec, Codec, number, number][] = [
  ['a target of bytes, a draft of pieces', bytes, pieces, vocabSize.bytes, vocabSize.pieces],
  ['a target of pieces, a draft of bytes', pieces, bytes, vocabSize.pieces, vocabSize.bytes],
];

/** Id of the draft's token for byte 0. */
const FIRST_BYTE = 3;

function spelt(codec: Codec, tokens: readonly number[]): Buffer {
  return Buffer.concat(tokens.map((token) => codec.bytesOf(token)));
}

/** Tokens of the draft that spell the text: its tokenizer puts a space before, which isn't part of every text. */
function foreseen(draft: Codec, text: string): readonly number[] {
  if (draft !== pieces) return draft.encode(text);
  return text.startsWith(' ')
    ? pieces.encode(text.slice(1))
    : [...Buffer.from(text)].map((byte) => FIRST_BYTE + byte);
}

/** Now and then with what spells a special token of one of the vocabularies. */
function hardText(maxPieces: number): fc.Arbitrary<string> {
  const name = fc.option(fc.constantFrom('<s>', '</s>', '<unk>', '<|im_end|>'), { nil: '', freq: 1 });
  return fc.tuple(arbitraryText(maxPieces), name, arbitraryText(2)).map((parts) => parts.join(''));
}

/** @param numHeld How many of the text's tokens are committed; the draft foresees the rest. */
function assertWritesOn(target: Codec, draft: Codec, text: string, numHeld: number): void {
  const committed = target.encode(text);
  const held = committed.slice(0, numHeld);
  const translation = reading(target, draft, held);
  const seen = spelt(
    draft,
    translation.draftTokens.filter((id) => draft.specialName(id) === undefined),
  );
  // What a perfect draft adds: the bytes behind those it has seen.
  const rest = Buffer.from(text).subarray(seen.length - seen.indexOf('a'));
  const drafted = foreseen(draft, rest.toString());
  const each = drafted.map(() => 0.5);
  const { tokens, confidences } = translation.translate(drafted, each, 999);
  assert.equal(confidences.length, tokens.length);
  const expected = spelt(target, committed).subarray(spelt(target, held).length);
  assert.deepEqual(spelt(target, tokens), expected);
  const product = confidences.reduce((a, b) => a * b, 1);
  assert.equal(product, 0.5 ** drafted.length);
}

function reading(target: Codec, draft: Codec, tokens: readonly number[]): Translation {
  const translation = new Translation(target, draft);
  translation.read(tokens);
  return translation;
}

for (const [name, target, draft, targetSize, draftSize] of pairs) {
  const ids = (size: number, maxLength: number) =>
    fc.array(fc.integer({ min: 0, max: size - 1 }), { maxLength });

  test(`${name}: whatever was committed and is drafted, proposed tokens spell what the draft said`, () => {
    fc.assert(
      fc.property(ids(targetSize, 30), ids(draftSize, 12), (committed, drafted) => {
        const translation = reading(target, draft, committed);
        const { tokens } = translation.translate(drafted, [], 99);
        const text = tokens.filter((token) => target.specialName(token) === undefined);
        assert.ok(tokens.length - text.length <= 1, 'only an end');
        const said = spelt(draft, drafted.slice(0, firstSpecial(draft, drafted)));
        const written = spelt(target, text);
        // The first bytes may be committed already: of the character in which the committed tokens end.
        const from = [0, 1, 2, 3].find((held) => said.subarray(held, held + written.length).equals(written));
        assert.notEqual(from, undefined);
      }),
      { numRuns: 2000 },
    );
  });

  test(`${name}: a draft that foresees the text makes the target write on, letter by letter`, () => {
    fc.assert(
      fc.property(hardText(12), hardText(6), fc.nat(), (before, after, cut) => {
        const numTokens = target.encode(`a${before}${after}.`).length;
        assertWritesOn(target, draft, `a${before}${after}.`, 1 + (cut % numTokens));
      }),
      { numRuns: 500 },
    );
  });

  test(`${name}: a draft that foresees special tokens spelt as text, or a long indentation, does as well`, () => {
    for (const text of ['a<s>.', 'a</s>.', 'a<unk>.', 'a<|im_end|>.', `a${' '.repeat(66)}.`])
      for (let numHeld = 1; numHeld <= target.encode(text).length; numHeld++)
        assertWritesOn(target, draft, text, numHeld);
  });

  test(`${name}: committed tokens that come one by one give the draft the sequence of all at once`, () => {
    fc.assert(
      fc.property(ids(targetSize, 200), (committed) => {
        const oneByOne = new Translation(target, draft);
        for (const token of committed) oneByOne.read([token]);
        assert.deepEqual(oneByOne.draftTokens, reading(target, draft, committed).draftTokens);
      }),
      { numRuns: 200 },
    );
  });
}

function firstSpecial(draft: Codec, drafted: readonly number[]): number {
  const index = drafted.findIndex((token) => draft.specialName(token) !== undefined);
  return index < 0 ? drafted.length : index;
}

test('special tokens become those of the same part, or nothing; the draft begins with its bos', () => {
  const [endOfText, start, end] = ['<|endoftext|>', '<|im_start|>', '<|im_end|>'].map(
    (n) => bytes.specialId(n)!,
  );
  const committed = [start!, ...bytes.encode('a'), end!, endOfText!, ...bytes.encode('b')];
  const { draftTokens } = reading(bytes, pieces, committed);
  const [bos, eos] = [pieces.bosTokenId, pieces.eosTokenId];
  assert.deepEqual(draftTokens, [bos, ...pieces.encode('a'), eos, ...pieces.encode('b')]);
  assert.deepEqual(reading(bytes, pieces, bytes.encode('a')).draftTokens, [bos, ...pieces.encode('a')]);
});

test('an end that the draft foresees is proposed as the end of the target', () => {
  const translation = reading(bytes, pieces, bytes.encode('a'));
  const drafted = [...pieces.encode('the'), pieces.eosTokenId!, ...pieces.encode('x')];
  const confidences = drafted.map((_, i) => 1 / (i + 2));
  const answer = translation.translate(drafted, confidences, 99);
  assert.deepEqual(answer.tokens, [...bytes.encode(' the'), bytes.eosTokenId]);
  assert.equal(answer.confidences.length, answer.tokens.length);
});

test('where a token of the target would lie across the seam, the drafted text begins anew', () => {
  const translation = reading(bytes, bytes, bytes.encode('th'));
  assert.deepEqual(translation.translate(bytes.encode('e a'), [], 99).tokens, [
    ...bytes.encode('e'),
    ...bytes.encode(' a'),
  ]);
});

test('an unfinished character waits on both sides', () => {
  const tokens = bytes.encode('a😀');
  const translation = reading(bytes, pieces, tokens.slice(0, 2));
  assert.deepEqual(translation.draftTokens, [1, ...pieces.encode('a')], 'the draft does not see the half');
  const face = pieces.encode('😀').slice(1);
  assert.deepEqual(translation.translate(face, [], 99).tokens, tokens.slice(2));
  assert.deepEqual(
    translation.translate(pieces.encode('a').slice(1), [], 99).tokens,
    [],
    'another character',
  );
  assert.deepEqual(translation.translate(face.slice(0, 3), [], 99).tokens, [], 'half a character');
});
