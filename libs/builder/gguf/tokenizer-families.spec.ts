// Tokenizers of Qwen's and Gemma's form, rebuilt from GGUF fields, against the reference's ids (test/fixtures/tokenizer-families.py).
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { Tokenizer } from '@huggingface/tokenizers';
import type { MetadataValue } from './metadata.js';
import { ggufTokenizer } from './tokenizer.js';

interface Fixture {
  readonly tokenizer: {
    readonly model: { readonly vocab: Record<string, number>; readonly merges: readonly [string, string][] };
    readonly added_tokens: readonly {
      readonly id: number;
      readonly content: string;
      readonly special: boolean;
    }[];
  };
  readonly scores?: readonly number[];
  readonly texts: readonly { readonly text: string; readonly ids: readonly number[] }[];
}

function fixture(name: string): Fixture {
  const place = new URL(`../../../../test/fixtures/tokenizers/${name}.json`, import.meta.url);
  return JSON.parse(readFileSync(place, 'utf8'));
}

function tokensAndTypes({ tokenizer: { model, added_tokens: added } }: Fixture) {
  const tokens: string[] = [];
  for (const [token, id] of Object.entries(model.vocab)) tokens[id] = token;
  for (const { content, id } of added) tokens[id] = content;
  const typeOf = (token: string) => {
    const special = added.find(({ content }) => content === token)?.special;
    if (token === '<unk>') return 2;
    if (special !== undefined) return special ? 3 : 4;
    return /^<0x..>$/.test(token) ? 6 : 1;
  };
  return { tokens, types: tokens.map(typeOf) };
}

test('a SentencePiece vocabulary with scores gives the merges and ids of the hub’s tokenizer', () => {
  const gemma = fixture('gemma2');
  const { tokens, types } = tokensAndTypes(gemma);
  const metadata = new Map<string, MetadataValue>([
    ['tokenizer.ggml.model', 'llama'],
    ['tokenizer.ggml.tokens', tokens],
    ['tokenizer.ggml.token_type', types],
    ['tokenizer.ggml.scores', gemma.scores as number[]],
    ['tokenizer.ggml.add_space_prefix', false],
    ['tokenizer.ggml.bos_token_id', tokens.indexOf('<bos>')],
    ['tokenizer.ggml.add_bos_token', true],
  ]);
  const { tokenizer, config } = ggufTokenizer('gemma.gguf', metadata)!;
  assert.deepEqual((tokenizer.model as Fixture['tokenizer']['model']).merges, gemma.tokenizer.model.merges);
  const rebuilt = new Tokenizer(tokenizer, config);
  for (const { text, ids } of gemma.texts)
    assert.deepEqual(rebuilt.encode(text).ids, ids, JSON.stringify(text));
});

test('qwen2 is cut and normalised as the hub’s tokenizer does', () => {
  const qwen = fixture('qwen2');
  const { tokens, types } = tokensAndTypes(qwen);
  const metadata = new Map<string, MetadataValue>([
    ['tokenizer.ggml.model', 'gpt2'],
    ['tokenizer.ggml.pre', 'qwen2'],
    ['tokenizer.ggml.tokens', tokens],
    ['tokenizer.ggml.token_type', types],
    ['tokenizer.ggml.merges', qwen.tokenizer.model.merges.map((pair) => pair.join(' '))],
  ]);
  const { tokenizer, config } = ggufTokenizer('qwen.gguf', metadata)!;
  const rebuilt = new Tokenizer(tokenizer, config);
  for (const { text, ids } of qwen.texts)
    assert.deepEqual(rebuilt.encode(text).ids, ids, JSON.stringify(text));
});
