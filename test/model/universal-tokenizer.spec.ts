// The translation with the target's real tokenizer: encoding by and by gives the tokens of encoding at once, and a draft
// that foresees the text proposes the very tokens that the target would have written.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { before, test } from 'node:test';
import fc from 'fast-check';
import { Tokenizer } from '#libs/tokenizer/index.js';
import { type Codec, codecOf } from '../../services/verifier/universal/codec.js';
import { IncrementalEncoder } from '../../services/verifier/universal/incremental-encoder.js';
import { Translation } from '../../services/verifier/universal/translation.js';
import { arbitraryText } from '../support/arbitrary-text.js';
import { byteTokenizer } from '../support/byte-tokenizer.js';
import { realModels } from '../support/models.js';
import { pieceTokenizer } from '../support/piece-tokenizer.js';

const PAGES = ['docs/architecture.md', 'README.md', 'libs/speculative/decode.ts'].map((file) =>
  readFileSync(new URL(`../../../${file}`, import.meta.url), 'utf8'),
);

let target: Codec;
before(async () => {
  target = codecOf(await Tokenizer.load((await realModels()).targetFolder));
});

test('real text and code, a few characters at a time, gets the tokens of the whole', () => {
  for (const page of PAGES)
    for (const step of [1, 7, 100]) {
      const text = page.slice(0, 150 * step);
      const encoder = new IncrementalEncoder((some) => target.encode(some));
      for (let at = 0; at < text.length; at += step) encoder.append(text.slice(at, at + step));
      assert.deepEqual(encoder.tokens, target.encode(text));
    }
});

test('a whole page at once gets the same tokens, and almost all of them are settled', () => {
  for (const page of PAGES) {
    const encoder = new IncrementalEncoder((some) => target.encode(some));
    encoder.append(page);
    assert.deepEqual(encoder.tokens, target.encode(page));
    assert.ok(encoder.tokens.length - encoder.settledLength < 2000);
  }
});

test('strange text gets the tokens of the whole', () => {
  fc.assert(
    fc.property(fc.array(arbitraryText(30), { maxLength: 8 }), (pieces) => {
      const encoder = new IncrementalEncoder((some) => target.encode(some));
      for (const piece of pieces) encoder.append(piece);
      assert.deepEqual(encoder.tokens, pieces.join('') === '' ? [] : target.encode(pieces.join('')));
    }),
    { numRuns: 150 },
  );
});

for (const [name, draft] of Object.entries({ bytes: byteTokenizer(), pieces: pieceTokenizer() }))
  test(`a draft of ${name} that foresees the text proposes the target's own tokens`, () => {
    const tokens = target.encode(PAGES[0]!.slice(0, 4000));
    const text = (from: number, to: number) =>
      Buffer.concat(tokens.slice(from, to).map((token) => target.bytesOf(token))).toString();
    const translation = new Translation(target, codecOf(draft));
    let same = 0;
    let asked = 0;
    for (let at = 0; at + 8 < tokens.length; at++) {
      translation.read([tokens[at]!]);
      const next = text(at + 1, at + 5);
      if (at === 0 || !next.startsWith(' ')) continue;
      const spelt = name === 'pieces' ? next.slice(1) : next;
      const drafted = draft.encode(spelt, { addSpecialTokens: false });
      const proposed = translation.translate(drafted, [], 4).tokens;
      asked += 4;
      same += proposed.filter((token, i) => token === tokens[at + 1 + i]).length;
    }
    assert.ok(asked > 500);
    assert.ok(same / asked > 0.95, `${same} of ${asked}`);
  });
