import assert from 'node:assert/strict';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import { temporaryFolder } from '../../test/support/temporary-folder.js';
import { GAMMA_FILE, type GammaPair, readGammaPairs, writeGammaPair } from './gamma-file.js';

const PAIR: GammaPair = {
  draft: 'd',
  setting: { controller: 'confidence', maxTokens: 6, threshold: 0.35 },
  isWorthwhile: true,
  measured: {
    acceptance: 0.7,
    cost: 0.1,
    breakEvenCost: 0.5,
    predictedSpeedUp: 1.6,
    measuredSpeedUp: 1.5,
    spread: [1.4, 1.6],
    untunedSpeedUp: 1.45,
    trials: 40,
  },
};

test('a file holds one setting a draft: a new one replaces the old, the others stay', async (t) => {
  const folder = await temporaryFolder(t);
  assert.deepEqual(await readGammaPairs(folder, 'm'), []);
  const other = { ...PAIR, draft: 'e', isWorthwhile: false };
  await writeGammaPair(folder, 'm', PAIR);
  await writeGammaPair(folder, 'm', other);
  const again: GammaPair = { ...PAIR, setting: { controller: 'goodput', maxTokens: 8 } };
  const file = await writeGammaPair(folder, 'm', again);
  assert.equal(file, join(folder, GAMMA_FILE));
  assert.deepEqual(await readGammaPairs(folder, 'm'), [other, again]);
  assert.equal(JSON.parse(await readFile(file, 'utf8')).format, 1);
});

test('a damaged file or another model’s is refused by name', async (t) => {
  const folder = await temporaryFolder(t);
  for (const [content, reason] of [
    ['{', /gamma\.json is not JSON/],
    ['{}', /gamma\.json: format/],
    [JSON.stringify({ format: 1, model: 'other', pairs: [] }), /is for other, not for m; .*tune gamma/],
    [
      JSON.stringify({ format: 1, model: 'm', pairs: [{ ...PAIR, setting: { controller: 'magic' } }] }),
      /gamma\.json: pairs\.0\.setting/,
    ],
  ] as const) {
    await writeFile(join(folder, GAMMA_FILE), content);
    await assert.rejects(readGammaPairs(folder, 'm'), { code: 'failed_precondition', message: reason });
  }
});
