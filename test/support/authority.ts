// A certificate authority of a test's own, by the openssl command.
import { execFileSync, spawnSync } from 'node:child_process';
import { copyFileSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TestContext } from 'node:test';

export const needsOpenssl =
  spawnSync('openssl', ['version']).status === 0 ? false : 'needs the openssl command';

const NEW_KEY = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes'];

/** What the services read. */
export interface IssuedFiles {
  readonly OUTRIDER_TLS_CA: string;
  readonly OUTRIDER_TLS_CERT: string;
  readonly OUTRIDER_TLS_KEY: string;
}

export class Authority {
  readonly #folder = mkdtempSync(join(tmpdir(), 'outrider-tls-'));
  #issued = 0;

  constructor(t: TestContext) {
    t.after(() => rmSync(this.#folder, { recursive: true }));
    const files = ['-keyout', 'ca.key', '-out', 'ca.pem'];
    this.#openssl('req', '-x509', ...NEW_KEY, ...files, '-subj', '/CN=authority');
  }

  /** @param name The DNS name in the certificate. */
  issue(name: string): IssuedFiles {
    const peer = `peer-${++this.#issued}`;
    writeFileSync(join(this.#folder, 'names'), `subjectAltName=DNS:${name}`);
    this.#openssl('req', ...NEW_KEY, '-keyout', `${peer}.key`, '-out', `${peer}.csr`, '-subj', `/CN=${name}`);
    const signer = ['-CA', 'ca.pem', '-CAkey', 'ca.key', '-CAcreateserial'];
    this.#openssl(
      'x509',
      '-req',
      '-in',
      `${peer}.csr`,
      ...signer,
      '-extfile',
      'names',
      '-out',
      `${peer}.pem`,
    );
    const file = (part: string) => join(this.#folder, part);
    copyFileSync(file('ca.pem'), file(`${peer}-ca.pem`));
    return {
      OUTRIDER_TLS_CA: file(`${peer}-ca.pem`),
      OUTRIDER_TLS_CERT: file(`${peer}.pem`),
      OUTRIDER_TLS_KEY: file(`${peer}.key`),
    };
  }

  #openssl(...args: string[]): void {
    execFileSync('openssl', args, { cwd: this.#folder, stdio: 'pipe' });
  }
}
