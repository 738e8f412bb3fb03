import assert from 'node:assert/strict';
import { test } from 'node:test';
import { fingerprintOfTokenizerJson, vocabularyFingerprint } from './fingerprint.js';

test('is the SHA-256 of the JSON list of tokens', () => {
  // printf '["a","b"]' | sha256sum
  assert.equal(
    vocabularyFingerprint(['a', 'b']),
    '0473ef2dc0d324ab659d3580c1134e9d812035905c4781fdd6d529b0c6860e13',
  );
});

test('a tokenizer.json has the fingerprint of its tokens by id, wherever it lists them', () => {
  const expected = vocabularyFingerprint(['a', 'b', '<eos>']);
  const eos = { id: 2, content: '<eos>' };
  assert.equal(
    fingerprintOfTokenizerJson({ model: { vocab: { b: 1, a: 0 } }, added_tokens: [eos] }),
    expected,
  );
  const both = { model: { vocab: { a: 0, b: 1, '<eos>': 2 } }, added_tokens: [eos] };
  assert.equal(fingerprintOfTokenizerJson(both), expected);
  const unigram = {
    model: {
      vocab: [
        ['a', -1],
        ['b', -2],
        ['<eos>', 0],
      ],
    },
  };
  assert.equal(fingerprintOfTokenizerJson(unigram), expected);
});

test('swapped ids and gaps change it', () => {
  const of = (vocab: Record<string, number>) => fingerprintOfTokenizerJson({ model: { vocab } });
  assert.equal(new Set([of({ a: 0, b: 1 }), of({ a: 1, b: 0 }), of({ a: 0, b: 2 })]).size, 3);
});

test('refuses files without a vocabulary, with impossible ids, or two tokens of one id', () => {
  const refused = (json: unknown, message: RegExp) =>
    assert.throws(() => fingerprintOfTokenizerJson(json), message);
  refused(null, /model\.vocab is missing/);
  refused({ model: { vocab: { a: -1 } } }, /"a" has the id -1/);
  refused({ model: { vocab: { a: 1e9 } } }, /has the id 1000000000/);
  refused({ model: { vocab: { a: 0.5 } } }, /has the id 0\.5/);
  refused(
    { model: { vocab: { a: 0 } }, added_tokens: [{ id: 0, content: 'b' }] },
    /two tokens have the id 0/,
  );
  refused({ model: { vocab: { a: 0 } }, added_tokens: [null] }, /has the id/);
});
