import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import type { AppError } from '#libs/errors/index.js';
import { MockHub, sha256 } from '../../test/support/mock-hub.js';
import { temporaryFolder } from '../../test/support/temporary-folder.js';
import { type DownloadRequest, download } from './download.js';
import type { HttpTimeouts } from './http-get.js';

const BODY = Buffer.from(Array.from({ length: 300_000 }, (_, i) => (i * 7919) % 251));
// Long: on a busy machine only what never comes may run into them.
const TIMEOUTS = { firstByteMs: 20_000, idleMs: 20_000 };

async function place(context: TestContext) {
  const hub = await MockHub.start();
  context.after(() => hub.stop());
  const target = join(await temporaryFolder(context), 'model.bin');
  const url = `${hub.endpoint}/o/r/resolve/main/model.bin`;
  const request: DownloadRequest = { url, target, label: 'model.bin', timeouts: TIMEOUTS };
  return { hub, target, request };
}

const failsWith = (code: string, message: RegExp) => (error: AppError) => {
  assert.equal(error.code, code);
  assert.match(error.message, message);
  return true;
};

test('downloads through a redirect, checks the declared SHA-256 and leaves only the file', async (context) => {
  const { hub, target, request } = await place(context);
  hub.host('model.bin', BODY, { large: true });
  const seen: number[] = [];
  const got = await download({ ...request, onProgress: ({ done }) => seen.push(done) });
  assert.deepEqual(got, { bytes: BODY.length, sha256: sha256(BODY), commit: hub.commit });
  assert.deepEqual(await readFile(target), BODY);
  assert.equal(seen.at(-1), BODY.length);
  assert.ok(!existsSync(`${target}.partial`) && !existsSync(`${target}.partial.json`));
});

test('goes on where a broken connection ended', async (context) => {
  const { hub, target, request } = await place(context);
  hub.host('model.bin', BODY, { large: true, cutAfter: 100_000 });
  await download(request);
  assert.deepEqual(await readFile(target), BODY);
  assert.deepEqual(hub.requests, ['model.bin whole', 'model.bin bytes=100000-']);
});

test('goes on where a cancelled download of an earlier run ended', async (context) => {
  const { hub, target, request } = await place(context);
  const file = hub.host('model.bin', BODY, { large: true, stallAfter: 65_536 });
  const abort = new AbortController();
  const onProgress = ({ done }: { done: number }) => done === 65_536 && abort.abort();
  await assert.rejects(
    download({ ...request, signal: abort.signal, onProgress: (event) => void onProgress(event) }),
    failsWith('cancelled', /cancelled/),
  );
  delete file.stallAfter;
  await download(request);
  assert.deepEqual(await readFile(target), BODY);
  assert.deepEqual(hub.requests, ['model.bin whole', 'model.bin bytes=65536-']);
});

for (const ignoresRange of [false, true])
  test(`starts again when the file changed (server ${ignoresRange ? 'ignores ranges' : 'honours If-Range'})`, async (context) => {
    const { hub, target, request } = await place(context);
    await writeFile(`${target}.partial`, BODY.subarray(0, 1000));
    const note = { etag: '"old"', sha256: null, bytes: BODY.length, commit: null };
    await writeFile(`${target}.partial.json`, JSON.stringify(note));
    const changed = Buffer.from(BODY).reverse();
    hub.host('model.bin', changed, { ignoresRange });
    await download(request);
    assert.deepEqual(await readFile(target), changed);
  });

test('starts again when the hub declares another SHA-256 than the beginning was downloaded for', async (context) => {
  const { hub, target, request } = await place(context);
  const file = hub.host('model.bin', BODY, { large: true });
  await writeFile(`${target}.partial`, Buffer.alloc(1000));
  const note = { etag: file.etag, sha256: 'f'.repeat(64), bytes: BODY.length, commit: null };
  await writeFile(`${target}.partial.json`, JSON.stringify(note));
  await download(request);
  assert.deepEqual(await readFile(target), BODY);
  assert.deepEqual(hub.requests, ['model.bin bytes=1000-', 'model.bin whole']);
});

test('ignores a damaged note of an earlier run', async (context) => {
  const { hub, target, request } = await place(context);
  hub.host('model.bin', BODY);
  await writeFile(`${target}.partial`, 'rubbish');
  await writeFile(`${target}.partial.json`, '{');
  await download(request);
  assert.deepEqual(await readFile(target), BODY);
});

test('throws away a file whose SHA-256 is not the declared or pinned one', async (context) => {
  const { hub, target, request } = await place(context);
  hub.host('model.bin', BODY, { large: true, declaredSha256: 'a'.repeat(64) });
  await assert.rejects(
    download(request),
    failsWith('unavailable', /SHA-256 is [0-9a-f]{64} instead of a{64}/),
  );
  hub.host('model.bin', BODY);
  await assert.rejects(download({ ...request, sha256: 'b'.repeat(64) }), failsWith('unavailable', /b{64}/));
  assert.ok(!existsSync(target) && !existsSync(`${target}.partial`));
});

test('refuses a file of another size than the pinned one, without storing what is too much', async (context) => {
  const { hub, target, request } = await place(context);
  hub.host('model.bin', BODY);
  await assert.rejects(
    download({ ...request, bytes: 1000 }),
    failsWith('unavailable', /more than 1000 bytes/),
  );
  await assert.rejects(
    download({ ...request, bytes: 400_000 }),
    failsWith('unavailable', /instead of 400000/),
  );
  assert.ok(!existsSync(target) && !existsSync(`${target}.partial`));
});

test('names the HTTP status of a file that is not there', async (context) => {
  const { request } = await place(context);
  await assert.rejects(download(request), failsWith('unavailable', /HTTP status 404 .*model\.bin/));
});

test('gives up on a hub that never answers, and on one that stops in the middle', async (context) => {
  const { hub, request } = await place(context);
  hub.host('model.bin', BODY, { silent: true });
  const impatient = (changes: Partial<HttpTimeouts>) =>
    download({ ...request, timeouts: { ...TIMEOUTS, ...changes } });
  await assert.rejects(impatient({ firstByteMs: 50 }), failsWith('unavailable', /no answer within 50 ms/));
  hub.host('model.bin', BODY, { stallAfter: 1000, etag: 'W/"weak"' });
  await assert.rejects(
    impatient({ idleMs: 50 }),
    failsWith('unavailable', /after \d+ of 300000 bytes: no data/),
  );
});
