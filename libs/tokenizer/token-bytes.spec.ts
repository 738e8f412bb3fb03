import assert from 'node:assert/strict';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { byteTokenizerJson, SPECIAL_TOKENS, writeByteTokenizer } from '../../test/support/byte-tokenizer.js';
import { readTokenBytes } from './token-bytes.js';
import { Tokenizer } from './tokenizer.js';

test('token bytes are those of the whole tokenizer, and special tokens have none', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'token-bytes-'));
  const { added_tokens: special } = byteTokenizerJson() as { added_tokens: object[] };
  const added = { id: 300, content: '<tool_call> x', special: false, normalized: false };
  await writeByteTokenizer(folder, { json: { added_tokens: [...special, added] } });
  const tokenizer = await Tokenizer.load(folder);
  const tokens = await readTokenBytes(folder);
  assert.equal(tokens.length, tokenizer.vocabSize);
  tokens.forEach((bytes, id) => {
    const shown = id < SPECIAL_TOKENS.length ? new Uint8Array(0) : tokenizer.tokenBytes(id);
    assert.deepEqual(bytes, shown, `token ${id}`);
  });
  assert.equal(Buffer.from(tokens[300]!).toString(), '<tool_call> x');
  await rm(folder, { recursive: true });
});
