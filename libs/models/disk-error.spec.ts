import assert from 'node:assert/strict';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import { failureOf, modelBench } from '../../test/support/model-bench.js';
import { diskError } from './disk-error.js';

test('a full disk and a forbidden folder are told with what to do about them', () => {
  const full = diskError(Object.assign(new Error('write'), { code: 'ENOSPC' }), '/cache/model.bin');
  assert.equal(full.code, 'failed_precondition');
  assert.equal(full.message, 'Cannot write /cache/model.bin: the disk is full; free some space.');
  const denied = diskError(Object.assign(new Error('open'), { code: 'EACCES' }), '/cache');
  assert.match(denied.message, /OUTRIDER_HOME/);
});

test('a home that cannot be written ends the pull instead of trying every source', async (context) => {
  const { home, options } = await modelBench(context);
  await writeFile(home, 'a file where the home folder should be');
  const error = await failureOf({ ...options, home: join(home, 'below') });
  assert.equal(error.code, 'failed_precondition');
  assert.match(error.message, /^Cannot write .*locks: /);
});
