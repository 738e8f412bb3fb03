import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Tokenizer } from '@huggingface/tokenizers';
import { fingerprintOfTokenizerJson } from '#libs/tokenizer/index.js';
import {
  tinyGgufMetadata,
  tinyTokenizerJson,
  tinyVocabulary,
} from '../../../test/support/tiny-checkpoint.js';
import type { MetadataValue } from './metadata.js';
import { ggufTokenizer } from './tokenizer.js';

function metadata(changes: Record<string, unknown> = {}): Map<string, MetadataValue> {
  const tokens = [...tinyVocabulary(), '12', 'ab', 'abc', '[PAD263]'];
  const types = tokens.map((_, id) => (id < 256 || (id >= 260 && id < 263) ? 1 : id === 263 ? 5 : 3));
  const all = new Map(tinyGgufMetadata()).set('tokenizer.ggml.tokens', tokens);
  all.set('tokenizer.ggml.token_type', types);
  for (const [key, value] of Object.entries(changes)) all.set(`tokenizer.ggml.${key}`, value);
  return all as Map<string, MetadataValue>;
}

function tokenizerOf(changes?: Record<string, unknown>): Tokenizer {
  const files = ggufTokenizer('tiny.gguf', metadata(changes))!;
  return new Tokenizer(files.tokenizer, files.config);
}

test('applies merges, and text comes back whatever its script', () => {
  const tokenizer = tokenizerOf();
  assert.deepEqual(tokenizer.encode('abc').ids, [262]);
  for (const text of ['abc 日本 😀 é\n\tif (a) { b }', 'Ⅷ ½ 12 ٣']) {
    assert.equal(tokenizer.decode(tokenizer.encode(text).ids), text);
  }
});

test('smollm cuts every digit apart before merging, gpt-2 does not', () => {
  assert.deepEqual(tokenizerOf({ pre: 'smollm' }).encode('12').ids, [49, 50]);
  assert.deepEqual(tokenizerOf({ pre: 'gpt-2' }).encode('12').ids, [260]);
});

test('special tokens are one id in the middle of text', () => {
  assert.deepEqual(tokenizerOf().encode('a<eos>b').ids, [97, 257, 98]);
});

test('a beginning token is put in front if the file says so', () => {
  assert.deepEqual(tokenizerOf({ add_bos_token: false }).encode('a').ids, [97]);
  const added = metadata().set('tokenizer.ggml.add_bos_token', true);
  const files = ggufTokenizer('tiny.gguf', added)!;
  assert.deepEqual(new Tokenizer(files.tokenizer, files.config).encode('a').ids, [256, 97]);
});

test('padding entries are left out, so the fingerprint is that of the hub file', () => {
  const tokens = tinyVocabulary();
  const padded = metadata({
    tokens: [...tokens, '[PAD260]'],
    token_type: [...tokens.map((_, i) => (i < 256 ? 1 : 3)), 5],
  });
  const files = ggufTokenizer('tiny.gguf', padded)!;
  assert.equal(fingerprintOfTokenizerJson(files.tokenizer), fingerprintOfTokenizerJson(tinyTokenizerJson()));
});

test('carries template and special tokens into tokenizer_config.json', () => {
  const { config } = ggufTokenizer('tiny.gguf', metadata())!;
  assert.equal(config.chat_template, 'gguf');
  assert.equal(config.eos_token, '<eos>');
});

test('refuses what it would get wrong', () => {
  const refused = (changes: Record<string, unknown>, message: RegExp) =>
    assert.throws(() => ggufTokenizer('tiny.gguf', metadata(changes)), message);
  refused(
    { pre: 'chameleon' },
    /tiny\.gguf: its pre-tokenizer "chameleon" is unknown; known are gpt-2, smollm, llama-bpe, qwen2/,
  );
  refused({ pre: 'toString' }, /unknown/);
  refused({ model: 'rwkv' }, /kind rwkv/);
  refused({ model: 'llama' }, /scores is not a list of numbers/);
  refused({ model: 'llama', scores: [1] }, /tokens and scores differ in number/);
  const scores = tinyVocabulary().map(() => 0);
  const spm = { model: 'llama', tokens: tinyVocabulary(), token_type: scores.map(() => 1), scores };
  refused(spm, /puts a space in front of text/);
  refused({ merges: ['a b c'] }, /"a b c" is not a pair/);
  refused({ token_type: [1] }, /differ in number/);
  refused({ merges: [1, 2] }, /not a list of strings/);
  refused({ eos_token_id: 4_000 }, /not a token/);
});
