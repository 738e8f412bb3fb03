import assert from 'node:assert/strict';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import { temporaryFolder } from '../../test/support/temporary-folder.js';
import { readSkipSet, SKIP_FILE, type SkipSet, skipMask, skippedLayers, writeSkipSet } from './skip-set.js';

const SET: SkipSet = {
  format: 1,
  model: 'm',
  numLayers: 4,
  attention: [1, 3],
  mlp: [2],
  isWorthwhile: false,
  measured: {
    acceptance: 0.5,
    cost: 0.6,
    breakEvenCost: 0.4,
    gamma: 1,
    predictedSpeedUp: 0.9,
    measuredSpeedUp: 0.88,
    trials: 20,
  },
};

test('a skip set survives the disk, and the mask and its layers say the same', async (t) => {
  const folder = await temporaryFolder(t);
  const file = await writeSkipSet(folder, SET);
  assert.deepEqual(await readSkipSet(file, { name: 'm', numLayers: 4 }), SET);
  assert.deepEqual([...skipMask(SET)], [0, 0, 1, 0, 0, 1, 1, 0]);
  assert.deepEqual(skippedLayers(skipMask(SET)), { numLayers: 4, attention: [1, 3], mlp: [2] });
});

test('no file is no skip set; a damaged or foreign one is refused by name', async (t) => {
  const file = join(await temporaryFolder(t), SKIP_FILE);
  const model = { name: 'm', numLayers: 4 };
  assert.equal(await readSkipSet(file, model), undefined);
  for (const [content, reason] of [
    ['{', /skip\.json is not JSON/],
    ['{}', /skip\.json: format/],
    [JSON.stringify({ ...SET, model: 'other' }), /is for other .*not for m/],
    [JSON.stringify({ ...SET, numLayers: 8 }), /with 8 layers/],
    [JSON.stringify({ ...SET, mlp: [4] }), /tune layer-skip/],
  ] as const) {
    await writeFile(file, content);
    await assert.rejects(readSkipSet(file, model), { code: 'failed_precondition', message: reason });
  }
});
