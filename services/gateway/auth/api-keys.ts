// The API keys of this gateway, and whose they are. Only SHA-256 digests are kept, and every one is compared, in
// constant time, so that neither memory nor timing tells how much of a guess was right.
import { createHash, timingSafeEqual } from 'node:crypto';
import { AppError } from '#libs/errors/index.js';

/** Who asks when no keys are set. */
export const ANONYMOUS = 'anonymous';

/** Printable ASCII, less the comma and the colon that separate entries and names. */
const KEY = /^[\x21-\x2b\x2d-\x39\x3b-\x7e]{16,256}$/;
const NAME = /^[A-Za-z0-9._-]{1,64}$/;
/** No key holds a colon, so that nothing else looks like it. */
const HASHED = /^([A-Za-z0-9._-]{1,64}):sha256:([0-9a-f]{64})$/i;

/** One place that keys come from; `origin` names it in messages, which never show an entry. */
export interface KeySource {
  readonly origin: string;
  /**
   * `key`, `name:key` or `name:sha256:digest` each, the digest in hex; several keys may share a name, so that one can
   * replace another without a gap.
   */
  readonly entries: readonly string[];
}

interface Entry {
  readonly tenant: string;
  readonly digest: Buffer;
}

export class ApiKeys {
  static readonly none = new ApiKeys([]);

  private constructor(private entries: readonly Entry[]) {}

  /** Throws `failed_precondition` when an entry is malformed, a key occurs twice, or a source holds none. */
  static of(sources: readonly KeySource[]): ApiKeys {
    const entries: Entry[] = [];
    const seen = new Set<string>();
    for (const source of sources) {
      if (source.entries.length === 0) throw refused(source.origin, 'holds no key: add one, or unset it');
      for (const [index, text] of source.entries.entries()) {
        const entry = parseEntry(text, `${source.origin}, entry ${index + 1}`);
        const hex = entry.digest.toString('hex');
        if (seen.has(hex))
          throw refused(`${source.origin}, entry ${index + 1}`, 'repeats a key given before');
        seen.add(hex);
        entries.push(entry);
      }
    }
    return new ApiKeys(entries);
  }

  /** Takes over the entries of `next`: whoever holds these keys asks them from now on. */
  renew(next: ApiKeys): void {
    this.entries = next.entries;
  }

  equals({ entries }: ApiKeys): boolean {
    const text = (list: readonly Entry[]) =>
      list.map(({ tenant, digest }) => `${tenant} ${digest.toString('hex')}`);
    return text(entries).join() === text(this.entries).join();
  }

  /** False: everybody may ask. */
  get required(): boolean {
    return this.entries.length > 0;
  }

  get tenants(): readonly string[] {
    return [...new Set(this.entries.map(({ tenant }) => tenant))];
  }

  /** Throws `invalid_api_key`; messages don't repeat the key. */
  tenantOf(key: string | undefined): string {
    if (!this.required) return ANONYMOUS;
    if (key === undefined)
      throw new AppError(
        'invalid_api_key',
        'An API key is required: send it as Authorization: Bearer YOUR_KEY, or as x-api-key.',
      );
    const digest = digestOf(key);
    let tenant: string | undefined;
    for (const entry of this.entries) if (timingSafeEqual(entry.digest, digest)) tenant = entry.tenant;
    if (tenant === undefined) throw new AppError('invalid_api_key', 'Incorrect API key provided.');
    return tenant;
  }
}

function parseEntry(text: string, where: string): Entry {
  const hashed = HASHED.exec(text);
  if (hashed !== null) return { tenant: hashed[1]!, digest: Buffer.from(hashed[2]!, 'hex') };
  const colon = text.indexOf(':');
  const key = text.slice(colon + 1);
  if (!KEY.test(key))
    throw refused(where, 'a key has 16 to 256 printable ASCII characters, no space, comma or colon');
  const name = colon === -1 ? nameOf(key) : text.slice(0, colon);
  if (!NAME.test(name)) throw refused(where, 'a name has 1 to 64 of A-Z a-z 0-9 . _ -');
  return { tenant: name, digest: digestOf(key) };
}

/** For a key without a name: the same on every gateway, whatever the order of the keys, and no way back to the key. */
function nameOf(key: string): string {
  return `key-${createHash('sha256').update(`outrider tenant ${key}`).digest('hex').slice(0, 8)}`;
}

function digestOf(key: string): Buffer {
  return createHash('sha256').update(key).digest();
}

function refused(where: string, why: string): AppError {
  return new AppError('failed_precondition', `API keys: ${where}: ${why}.`);
}
