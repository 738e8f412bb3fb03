// Certificates in files that are replaced while the service runs (cert-manager, a mounted secret): read again now and
// then, and taken over only when key and certificates fit, since files are not replaced all at the same instant.
import { readFileSync } from 'node:fs';
import { createSecureContext } from 'node:tls';
import { z } from 'zod';
import { AppError } from '#libs/errors/index.js';
import { RenewableIdentity, type TlsIdentity, type TlsOptions } from './tls.js';

/** Variables of every process that serves or dials internal links. */
export const tlsEnvironmentSchema = z.object({
  /** PEM file of the authority that signed every service's certificate. With it all three are needed. */
  OUTRIDER_TLS_CA: z.string().optional(),
  OUTRIDER_TLS_CERT: z.string().optional(),
  OUTRIDER_TLS_KEY: z.string().optional(),
  /** Name in the servers' certificates, where addresses cannot be listed there (pods). */
  OUTRIDER_TLS_NAME: z.string().optional(),
});

export type TlsEnvironment = z.infer<typeof tlsEnvironmentSchema>;

export interface TlsFilesOptions {
  /** Told each time new files cannot be used: the last good ones stay in use. */
  readonly onUnusable?: (error: AppError) => void;
  readonly refreshMs?: number;
}

const REFRESH_MS = 30_000;

/**
 * Undefined when no TLS is configured.
 * @throws AppError failed_precondition that names the variable or file that is missing or doesn't fit.
 */
export function openTlsFiles(
  environment: TlsEnvironment,
  { onUnusable, refreshMs = REFRESH_MS }: TlsFilesOptions = {},
): TlsOptions | undefined {
  const files = filesOf(environment);
  if (files === undefined) return undefined;
  let last = read(files);
  const identity = new RenewableIdentity(last);
  const refresh = (): void => {
    try {
      const next = read(files);
      if (isSame(next, last)) return;
      last = next;
      identity.renew(next);
    } catch (error) {
      onUnusable?.(AppError.from(error));
    }
  };
  setInterval(refresh, refreshMs).unref();
  return { identity, serverName: environment.OUTRIDER_TLS_NAME };
}

type TlsFiles = { readonly [part in keyof TlsIdentity]: string };

const VARIABLES = {
  certificateAuthority: 'OUTRIDER_TLS_CA',
  certificate: 'OUTRIDER_TLS_CERT',
  privateKey: 'OUTRIDER_TLS_KEY',
} as const;

function filesOf(environment: TlsEnvironment): TlsFiles | undefined {
  const missing = Object.values(VARIABLES).filter((name) => !environment[name]);
  if (missing.length === Object.keys(VARIABLES).length && !environment.OUTRIDER_TLS_NAME) return undefined;
  if (missing.length > 0)
    throw new AppError(
      'failed_precondition',
      `TLS between services needs OUTRIDER_TLS_CA, OUTRIDER_TLS_CERT and OUTRIDER_TLS_KEY; ${missing.join(' and ')} is not set.`,
    );
  return {
    certificateAuthority: environment.OUTRIDER_TLS_CA!,
    certificate: environment.OUTRIDER_TLS_CERT!,
    privateKey: environment.OUTRIDER_TLS_KEY!,
  };
}

function read(files: TlsFiles): TlsIdentity {
  const certificateAuthority = readPem(files, 'certificateAuthority');
  const certificate = readPem(files, 'certificate');
  const privateKey = readPem(files, 'privateKey');
  try {
    createSecureContext({ ca: certificateAuthority, cert: certificate, key: privateKey });
  } catch (cause) {
    const message = `${Object.values(files).join(', ')} are no certificates with their key: ${(cause as Error).message}.`;
    throw new AppError('failed_precondition', message, { cause });
  }
  return { certificateAuthority, certificate, privateKey };
}

function readPem(files: TlsFiles, part: keyof TlsFiles): Buffer {
  try {
    return readFileSync(files[part]);
  } catch (cause) {
    const { code } = cause as NodeJS.ErrnoException;
    throw new AppError('failed_precondition', `${VARIABLES[part]}: cannot read ${files[part]} (${code}).`, {
      cause,
    });
  }
}

function isSame(a: TlsIdentity, b: TlsIdentity): boolean {
  return (Object.keys(VARIABLES) as (keyof TlsIdentity)[]).every((part) => a[part].equals(b[part]));
}
