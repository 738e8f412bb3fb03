import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Tokenizer as VendorTokenizer } from '@huggingface/tokenizers';
import fc from 'fast-check';
import { byteTokenizerJson, writeByteTokenizer } from '../../test/support/byte-tokenizer.js';
import { temporaryFolder } from '../../test/support/temporary-folder.js';
import { Tokenizer } from './tokenizer.js';

/** A vocabulary as of SentencePiece models: pieces with ▁ for a space, bytes as <0x..>. */
const SENTENCE_PIECES = [
  '▁',
  '▁a',
  'b',
  '▁▁',
  'é',
  ...['E2', '82', 'AC', 'F0', '9F', '98', '80'].map((x) => `<0x${x}>`),
];
const SENTENCE_DECODER = [
  { type: 'Replace', pattern: { String: '▁' }, content: ' ' },
  { type: 'ByteFallback' },
  { type: 'Fuse' },
];
const STRIP = { type: 'Strip', content: ' ', start: 1, stop: 0 };

function sentenceJson(decoders: readonly unknown[]): Record<string, unknown> {
  const vocab = Object.fromEntries(SENTENCE_PIECES.map((token, id) => [token, id]));
  return {
    ...byteTokenizerJson(),
    added_tokens: [],
    pre_tokenizer: null,
    decoder: { type: 'Sequence', decoders },
    model: { type: 'BPE', vocab, merges: [], byte_fallback: true },
  };
}

const kinds: Record<string, Record<string, unknown>> = {
  'byte-level': byteTokenizerJson(),
  'byte-fallback': sentenceJson(SENTENCE_DECODER),
  'byte-fallback with a stripped beginning': sentenceJson([...SENTENCE_DECODER, STRIP]),
};

for (const [kind, json] of Object.entries(kinds))
  test(`${kind}: any split of any tokens streams the text that the vendor decodes from the whole`, async (context) => {
    const folder = await temporaryFolder(context);
    await writeByteTokenizer(folder, { json });
    const tokenizer = await Tokenizer.load(folder);
    const vendor = new VendorTokenizer(json, {});
    const ids = fc.integer({ min: 0, max: tokenizer.vocabSize - 1 });
    const splits = fc.array(fc.array(ids, { maxLength: 4 }), { minLength: 1, maxLength: 12 });
    fc.assert(
      fc.property(splits, fc.boolean(), (chunks, skipSpecialTokens) => {
        const decoder = tokenizer.incrementalDecoder({ skipSpecialTokens });
        const streamed = chunks.map((chunk) => decoder.push(chunk)).join('') + decoder.flush();
        const whole = chunks.flat();
        const options = { skip_special_tokens: skipSpecialTokens, clean_up_tokenization_spaces: false };
        assert.equal(streamed, whole.length === 0 ? '' : vendor.decode(whole, options));
      }),
      { numRuns: 1000 },
    );
  });

test('an emoji of four tokens appears when its last token comes, never as U+FFFD before', async (context) => {
  const folder = await temporaryFolder(context);
  await writeByteTokenizer(folder, {
    json: { model: { ...(byteTokenizerJson().model as object), merges: [] } },
  });
  const tokenizer = await Tokenizer.load(folder);
  const decoder = tokenizer.incrementalDecoder();
  const seen = tokenizer.encode(' 😀!').map((id) => decoder.push([id]));
  assert.deepEqual(seen, [' ', '', '', '', '😀', '!']);
  assert.equal(decoder.push(tokenizer.encode('😀').slice(0, 3)), '');
  assert.equal(decoder.flush(), '\ufffd');
});

test('a decoder that continues a text keeps its first space', async (context) => {
  const folder = await temporaryFolder(context);
  await writeByteTokenizer(folder, { json: sentenceJson([...SENTENCE_DECODER, STRIP]) });
  const tokenizer = await Tokenizer.load(folder);
  assert.equal(tokenizer.decode([1, 1]), 'a a');
  assert.equal(tokenizer.decode([1, 1], { continuesText: true }), ' a a');
  const decoder = tokenizer.incrementalDecoder();
  assert.deepEqual([decoder.push([0]), decoder.push([1])], ['', ' a']);
});

test('ids that are not in the vocabulary add nothing', async (context) => {
  const folder = await temporaryFolder(context);
  await writeByteTokenizer(folder);
  const tokenizer = await Tokenizer.load(folder);
  assert.equal(tokenizer.decode([...tokenizer.encode('ab'), 1_000_000, -1, 1.5, Number.NaN]), 'ab');
});
