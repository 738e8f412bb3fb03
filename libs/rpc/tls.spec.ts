import assert from 'node:assert/strict';
import { execFileSync, spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { ChannelPool } from './client/channel-pool.js';
import { VerifierClient } from './client/verifier-client.js';
import { idleSignal, MODEL_INFO, serveVerifier } from './testing.js';
import type { TlsOptions } from './tls.js';

const skip = spawnSync('openssl', ['version']).status === 0 ? false : 'needs the openssl command';
const SIGNAL = idleSignal();

test('with mutual TLS, peers of one authority talk; the certificate names a service, not an address', {
  skip,
}, async (t) => {
  const authority = new Authority(t);
  const { endpoint } = await serveVerifier(t, async function* () {}, { tls: authority.issue('outrider') });
  const client = clientOf(t, endpoint, { ...authority.issue('outrider'), serverName: 'outrider' });
  assert.deepEqual(await client.modelInfo(SIGNAL), MODEL_INFO);
});

test('a client of another authority, without TLS, or that expects another name is not let in', {
  skip,
}, async (t) => {
  const [ours, theirs] = [new Authority(t), new Authority(t)];
  const { endpoint } = await serveVerifier(t, async function* () {}, { tls: ours.issue('outrider') });
  const certificateAuthority = ours.issue('x').certificateAuthority;
  for (const tls of [
    { ...theirs.issue('outrider'), serverName: 'outrider' },
    { ...theirs.issue('outrider'), certificateAuthority, serverName: 'outrider' },
    { ...ours.issue('outrider'), serverName: 'other' },
    undefined,
  ])
    await assert.rejects(clientOf(t, endpoint, tls).modelInfo(SIGNAL), { code: 'unavailable' });
});

function clientOf(t: TestContext, endpoint: string, tls: TlsOptions | undefined): VerifierClient {
  const pool = new ChannelPool(tls === undefined ? {} : { tls });
  t.after(() => pool.close());
  return new VerifierClient(endpoint, pool);
}

class Authority {
  readonly #folder = mkdtempSync(join(tmpdir(), 'outrider-tls-'));

  constructor(t: TestContext) {
    t.after(() => rmSync(this.#folder, { recursive: true }));
    this.#openssl(
      'req',
      '-x509',
      ...NEW_KEY,
      '-keyout',
      'ca.key',
      '-out',
      'ca.pem',
      '-subj',
      '/CN=authority',
    );
  }

  issue(name: string): TlsOptions {
    writeFileSync(join(this.#folder, 'names'), `subjectAltName=DNS:${name}`);
    this.#openssl('req', ...NEW_KEY, '-keyout', 'peer.key', '-out', 'peer.csr', '-subj', `/CN=${name}`);
    const signer = ['-CA', 'ca.pem', '-CAkey', 'ca.key', '-CAcreateserial'];
    this.#openssl('x509', '-req', '-in', 'peer.csr', ...signer, '-extfile', 'names', '-out', 'peer.pem');
    return {
      certificateAuthority: this.#read('ca.pem'),
      certificate: this.#read('peer.pem'),
      privateKey: this.#read('peer.key'),
    };
  }

  #openssl(...args: string[]): void {
    execFileSync('openssl', args, { cwd: this.#folder, stdio: 'pipe' });
  }

  #read(name: string): Buffer {
    return readFileSync(join(this.#folder, name));
  }
}

const NEW_KEY = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes'];
