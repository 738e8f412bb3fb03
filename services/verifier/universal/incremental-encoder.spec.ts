import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { arbitraryText } from '../../../test/support/arbitrary-text.js';
import { byteTokenizer } from '../../../test/support/byte-tokenizer.js';
import { pieceTokenizer } from '../../../test/support/piece-tokenizer.js';
import { IncrementalEncoder } from './incremental-encoder.js';

const tokenizers = { 'byte-level': byteTokenizer(), 'with a space before texts': pieceTokenizer() };

for (const [kind, tokenizer] of Object.entries(tokenizers)) {
  const encode = (text: string) => tokenizer.encode(text, { addSpecialTokens: false });

  test(`${kind}: a text that comes in pieces gets the tokens of the whole, and settled ones never change`, () => {
    fc.assert(
      fc.property(fc.array(arbitraryText(30), { maxLength: 12 }), (pieces) => {
        const encoder = new IncrementalEncoder(encode);
        let settled: number[] = [];
        for (const piece of pieces) {
          encoder.append(piece);
          assert.deepEqual(encoder.tokens.slice(0, settled.length), settled);
          settled = encoder.tokens.slice(0, encoder.settledLength);
        }
        assert.deepEqual(encoder.tokens, pieces.join('') === '' ? [] : encode(pieces.join('')));
      }),
      { numRuns: 300 },
    );
  });

  test(`${kind}: the work for a piece does not grow with the text`, () => {
    let longest = 0;
    const encoder = new IncrementalEncoder((text) => {
      longest = Math.max(longest, text.length);
      return encode(text);
    });
    for (let i = 0; i < 500; i++) encoder.append(' the house and the garden.');
    assert.ok(longest < 400, `${longest} characters were encoded at once`);
    assert.deepEqual(encoder.tokens, encode(' the house and the garden.'.repeat(500)));
  });
}

test('a text without any place to cut is cut somewhere: the work for a piece is bounded', () => {
  let longest = 0;
  const encoder = new IncrementalEncoder((text) => {
    longest = Math.max(longest, text.length);
    return [...text].map((character) => character.codePointAt(0)!);
  });
  const text = '😀'.repeat(20_000);
  for (let i = 0; i < text.length; i += 100) encoder.append(text.slice(i, i + 100));
  assert.ok(longest < 10_000);
  assert.ok(encoder.settledLength > 17_000);
  assert.deepEqual(encoder.tokens, Array(20_000).fill(0x1f600));
});

test('a token put between two texts ends the one and begins the other', () => {
  const encode = (text: string) => tokenizers['byte-level'].encode(text, { addSpecialTokens: false });
  const encoder = new IncrementalEncoder(encode);
  encoder.append('th');
  encoder.put(1);
  encoder.append('e');
  encoder.put();
  assert.deepEqual(encoder.tokens, [...encode('th'), 1, ...encode('e')]);
  assert.equal(encoder.settledLength, encoder.tokens.length);
});
