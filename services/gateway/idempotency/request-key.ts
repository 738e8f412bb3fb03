// Which request this is: the client's idempotency key, and a digest of what it asks. Header and semantics after
// datatracker.ietf.org/doc/draft-ietf-httpapi-idempotency-key-header, but that a retry of a running request joins it.
import { createHash } from 'node:crypto';
import { AppError } from '#libs/errors/index.js';
import { canonicalJson } from './canonical-json.js';

/** Header, and metadata over gRPC. */
export const IDEMPOTENCY_KEY = 'idempotency-key';

/** Printable ASCII without spaces: two headers of that name arrive as one with ", " in it. */
const KEY = /^[\x21-\x7e]{1,255}$/;

export interface RequestKey {
  /** As the client sent it. */
  readonly key: string;
  /** Hex digest. */
  readonly fingerprint: string;
}

/**
 * @param route tells routes apart that take like bodies.
 * @param body as it came, with whatever means nothing here.
 * Undefined without a key. Throws `invalid_argument`.
 */
export function requestKey(
  sent: string | string[] | undefined,
  route: string,
  body: unknown,
): RequestKey | undefined {
  if (sent === undefined) return undefined;
  if (typeof sent !== 'string' || !KEY.test(sent))
    throw new AppError(
      'invalid_argument',
      'Idempotency-Key: must be one key of 1 to 255 printable ASCII characters without spaces, e.g. a UUID.',
      { field: 'Idempotency-Key' },
    );
  return { key: sent, fingerprint: digest('request', route, canonicalJson(body)) };
}

/** Where the journal lies: keys of two tenants never meet, and the store learns none. */
export function journalKey(tenant: string, { key }: RequestKey): string {
  return digest('idempotency key', tenant, key);
}

/** JSON keeps the parts apart. */
function digest(...parts: readonly string[]): string {
  return createHash('sha256').update(JSON.stringify(parts)).digest('hex');
}
