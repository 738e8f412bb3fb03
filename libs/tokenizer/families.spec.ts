// Tokenizers in the forms of Qwen and Gemma against the reference implementation's ids (test/fixtures/tokenizer-families.py).
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import { temporaryFolder } from '../../test/support/temporary-folder.js';
import { Tokenizer } from './tokenizer.js';

interface Fixture {
  readonly tokenizer: object;
  readonly texts: readonly {
    readonly text: string;
    readonly ids: readonly number[];
    readonly decoded: string;
  }[];
}

for (const name of ['qwen2', 'gemma2']) {
  test(`a tokenizer of ${name}’s form encodes and decodes as the reference does`, async (context) => {
    const place = new URL(`../../../test/fixtures/tokenizers/${name}.json`, import.meta.url);
    const fixture: Fixture = JSON.parse(readFileSync(place, 'utf8'));
    const folder = await temporaryFolder(context);
    await writeFile(join(folder, 'tokenizer.json'), JSON.stringify(fixture.tokenizer));
    await writeFile(join(folder, 'tokenizer_config.json'), '{}');
    const tokenizer = await Tokenizer.load(folder);
    for (const { text, ids, decoded } of fixture.texts) {
      assert.deepEqual(tokenizer.encode(text), ids, JSON.stringify(text));
      assert.equal(tokenizer.decode(ids, { skipSpecialTokens: false }), decoded);
    }
  });
}
