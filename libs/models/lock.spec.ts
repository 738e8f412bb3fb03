import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { mkdir, readdir, utimes, writeFile } from 'node:fs/promises';
import { hostname } from 'node:os';
import { dirname, join } from 'node:path';
import { test } from 'node:test';
import { AppError } from '#libs/errors/index.js';
import { temporaryFolder } from '../../test/support/temporary-folder.js';
import { withLock } from './lock.js';

const DEAD_PID = 2 ** 30; // above every pid_max

async function leaveLock(file: string, pid: number, host: string): Promise<void> {
  await mkdir(dirname(file), { recursive: true });
  await writeFile(file, JSON.stringify({ pid, host, nonce: 'other' }));
}

test('lets one task at a time in, and tells the others that they wait', async (context) => {
  const file = join(await temporaryFolder(context), 'locks', 'm.lock');
  let inside = 0;
  let waits = 0;
  const task = async () => {
    assert.equal(++inside, 1);
    await new Promise((resolve) => setTimeout(resolve, 5));
    inside--;
  };
  const onWait = () => waits++;
  await Promise.all([1, 2, 3].map(() => withLock(file, { onWait, pollMs: 2 }, task)));
  assert.equal(waits, 2);
  assert.ok(!existsSync(file));
});

test('takes over the lock of a dead process on this host, with many waiters at once', async (context) => {
  const folder = await temporaryFolder(context);
  for (let round = 0; round < 40; round++) {
    const file = join(folder, `${round}.lock`);
    await leaveLock(file, DEAD_PID, hostname());
    let inside = 0;
    const task = async () => {
      assert.equal(++inside, 1);
      await new Promise((resolve) => setTimeout(resolve, 1));
      inside--;
    };
    await Promise.all(Array.from({ length: 16 }, () => withLock(file, { pollMs: 1 }, task)));
  }
  assert.deepEqual(await readdir(folder), []);
});

test('a takeover that died half-way holds nobody up for ever', async (context) => {
  const file = join(await temporaryFolder(context), 'm.lock');
  await leaveLock(file, DEAD_PID, hostname());
  await writeFile(`${file}.takeover`, '');
  const longAgo = new Date(Date.now() - 3_600_000);
  await utimes(`${file}.takeover`, longAgo, longAgo);
  assert.equal(await withLock(file, { pollMs: 1 }, async () => 'in'), 'in');
});

test('respects a fresh lock of another host and takes over one whose heartbeat stopped', async (context) => {
  const file = join(await temporaryFolder(context), 'm.lock');
  await leaveLock(file, DEAD_PID, 'another-host');
  const signal = AbortSignal.timeout(50);
  const refused = withLock(file, { pollMs: 5, signal }, async () => 'in');
  await assert.rejects(refused, (error) => error instanceof AppError && error.code === 'deadline_exceeded');
  const longAgo = new Date(Date.now() - 3_600_000);
  await utimes(file, longAgo, longAgo);
  assert.equal(await withLock(file, { pollMs: 5 }, async () => 'in'), 'in');
});

test('lets go of the lock when the task fails', async (context) => {
  const file = join(await temporaryFolder(context), 'm.lock');
  await assert.rejects(
    withLock(file, {}, () => Promise.reject(new Error('no'))),
    /no/,
  );
  assert.ok(!existsSync(file));
});
