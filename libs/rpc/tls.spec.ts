import assert from 'node:assert/strict';
import { copyFileSync, writeFileSync } from 'node:fs';
import { type TestContext, test } from 'node:test';
import { Authority, type IssuedFiles, needsOpenssl as skip } from '../../test/support/authority.js';
import { until } from '../../test/support/until.js';
import { ChannelPool } from './client/channel-pool.js';
import { VerifierClient } from './client/verifier-client.js';
import { idleSignal, MODEL_INFO, serveVerifier } from './testing.js';
import type { TlsOptions } from './tls.js';
import { openTlsFiles } from './tls-files.js';

const SIGNAL = idleSignal();

test('with mutual TLS, peers of one authority talk; the certificate names a service, not an address', {
  skip,
}, async (t) => {
  const authority = new Authority(t);
  const endpoint = await serve(t, authority.issue('outrider'));
  const client = clientOf(t, endpoint, { ...authority.issue('outrider'), OUTRIDER_TLS_NAME: 'outrider' });
  assert.deepEqual(await client.modelInfo(SIGNAL), MODEL_INFO);
});

test('a client of another authority, without TLS, or that expects another name is not let in', {
  skip,
}, async (t) => {
  const [ours, theirs] = [new Authority(t), new Authority(t)];
  const endpoint = await serve(t, ours.issue('outrider'));
  const { OUTRIDER_TLS_CA } = ours.issue('x');
  for (const files of [
    { ...theirs.issue('outrider'), OUTRIDER_TLS_NAME: 'outrider' },
    { ...theirs.issue('outrider'), OUTRIDER_TLS_CA, OUTRIDER_TLS_NAME: 'outrider' },
    { ...ours.issue('outrider'), OUTRIDER_TLS_NAME: 'other' },
    undefined,
  ])
    await assert.rejects(clientOf(t, endpoint, files).modelInfo(SIGNAL), { code: 'unavailable' });
});

test('files that are replaced are taken over without a restart, a half-replaced pair is not', {
  skip,
}, async (t) => {
  const [old, next] = [new Authority(t), new Authority(t)];
  const files = old.issue('outrider');
  const unusable: string[] = [];
  const onUnusable = ({ message }: Error) => unusable.push(message);
  const tls = openTlsFiles(files, { refreshMs: 5, onUnusable });
  const { endpoint } = await serveVerifier(t, async function* () {}, { tls });
  const before = clientOf(t, endpoint, { ...old.issue('outrider'), OUTRIDER_TLS_NAME: 'outrider' });
  assert.deepEqual(await before.modelInfo(SIGNAL), MODEL_INFO);

  const renewed = next.issue('outrider');
  copyFileSync(renewed.OUTRIDER_TLS_CA, files.OUTRIDER_TLS_CA);
  copyFileSync(renewed.OUTRIDER_TLS_CERT, files.OUTRIDER_TLS_CERT);
  await until('the half-replaced pair is noticed', () => unusable.length > 0);
  assert.match(unusable[0]!, /no certificates with their key/);
  assert.deepEqual(await before.modelInfo(SIGNAL), MODEL_INFO);
  copyFileSync(renewed.OUTRIDER_TLS_KEY, files.OUTRIDER_TLS_KEY);
  const after = { ...next.issue('outrider'), OUTRIDER_TLS_NAME: 'outrider' };
  await until('the new pair is served', () =>
    clientOf(t, endpoint, after)
      .modelInfo(SIGNAL)
      .then(
        () => true,
        () => false,
      ),
  );
  await assert.rejects(clientOf(t, endpoint, { ...old.issue('outrider') }).modelInfo(SIGNAL), {
    code: 'unavailable',
  });
});

test('what is missing or unfit is named at the start', { skip }, (t) => {
  const files = new Authority(t).issue('outrider');
  assert.equal(openTlsFiles({}), undefined);
  assert.throws(() => openTlsFiles({ OUTRIDER_TLS_NAME: 'outrider' }), /OUTRIDER_TLS_CA.*is not set/);
  assert.throws(() => openTlsFiles({ ...files, OUTRIDER_TLS_KEY: undefined }), /OUTRIDER_TLS_KEY is not set/);
  assert.throws(
    () => openTlsFiles({ ...files, OUTRIDER_TLS_CA: `${files.OUTRIDER_TLS_CA}.none` }),
    /OUTRIDER_TLS_CA: cannot read .*ENOENT/,
  );
  writeFileSync(files.OUTRIDER_TLS_KEY, 'no key');
  assert.throws(() => openTlsFiles(files), /no certificates with their key/);
});

async function serve(t: TestContext, files: IssuedFiles): Promise<string> {
  const { endpoint } = await serveVerifier(t, async function* () {}, { tls: openTlsFiles(files) });
  return endpoint;
}

function clientOf(
  t: TestContext,
  endpoint: string,
  files: (IssuedFiles & { readonly OUTRIDER_TLS_NAME?: string }) | undefined,
): VerifierClient {
  const tls: TlsOptions | undefined = files && openTlsFiles(files);
  const pool = new ChannelPool({ tls });
  t.after(() => pool.close());
  return new VerifierClient(endpoint, pool);
}
