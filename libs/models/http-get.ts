// One GET that does not wait for ever and does not lose what the hub says on its redirects.
// Redirects are followed by hand: the hub declares a file's SHA-256 (x-linked-etag) on the redirect to its storage.
import { AppError } from '#libs/errors/index.js';
import { Watchdog } from './watchdog.js';

export interface HttpTimeouts {
  /** From the call to the response headers, each hop: also bounds name lookup and connecting. */
  readonly firstByteMs: number;
  /** Between two chunks of the body. */
  readonly idleMs: number;
}

export const DEFAULT_TIMEOUTS: HttpTimeouts = { firstByteMs: 5000, idleMs: 20_000 };

/** What the hub declares of a file, wherever along the redirects it did. */
export interface Declared {
  readonly sha256: string | null;
  readonly bytes: number | null;
  readonly commit: string | null;
}

export interface HttpAnswer {
  /** 200, 206 or 416; anything else was thrown. */
  readonly status: number;
  readonly headers: Headers;
  readonly declared: Declared;
  /** Fails with a plain Error when the connection breaks or falls silent. */
  readonly body: AsyncIterable<Uint8Array>;
  discard(): Promise<void>;
}

const MAX_REDIRECTS = 5;

/** Throws `unavailable` with the reason when no answer comes, `cancelled` when `signal` aborts. */
export async function httpGet(
  url: string,
  headers: Readonly<Record<string, string>>,
  timeouts: HttpTimeouts,
  signal?: AbortSignal,
): Promise<HttpAnswer> {
  let declared: Declared = { sha256: null, bytes: null, commit: null };
  let current = new URL(url);
  for (let hop = 0; hop <= MAX_REDIRECTS; hop++) {
    const watchdog = new Watchdog(signal);
    const response = await firstByte(current, headers, timeouts, watchdog);
    declared = mergeDeclared(declared, response.headers);
    const discard = async () => {
      watchdog.release();
      await response.body?.cancel().catch(() => undefined);
    };
    const location = response.status >= 300 && response.status < 400 && response.headers.get('location');
    if (location) {
      await discard();
      current = redirectTarget(current, location);
      continue;
    }
    if (![200, 206, 416].includes(response.status)) {
      await discard();
      throw new AppError(
        'unavailable',
        `HTTP status ${response.status} for ${current.origin}${current.pathname}`,
      );
    }
    const body = readBody(response, timeouts, watchdog);
    return { status: response.status, headers: response.headers, declared, body, discard };
  }
  throw new AppError('unavailable', `more than ${MAX_REDIRECTS} redirects from ${url}`);
}

async function firstByte(
  url: URL,
  headers: Readonly<Record<string, string>>,
  timeouts: HttpTimeouts,
  watchdog: Watchdog,
): Promise<Response> {
  watchdog.arm(timeouts.firstByteMs, `no answer within ${timeouts.firstByteMs} ms`);
  try {
    // Without identity, fetch would unpack compressed bodies and sizes, ranges and checksums would not fit.
    return await fetch(url, {
      headers: { ...headers, 'accept-encoding': 'identity' },
      redirect: 'manual',
      signal: watchdog.signal,
    });
  } catch (error) {
    const reason = watchdog.explain(error);
    watchdog.release();
    throw new AppError('unavailable', `${url.host}: ${reason}`, { cause: error });
  }
}

async function* readBody(
  response: Response,
  timeouts: HttpTimeouts,
  watchdog: Watchdog,
): AsyncGenerator<Uint8Array> {
  try {
    watchdog.arm(timeouts.idleMs, `no data for ${timeouts.idleMs} ms`);
    for await (const chunk of response.body ?? []) {
      watchdog.release();
      yield chunk;
      watchdog.arm(timeouts.idleMs, `no data for ${timeouts.idleMs} ms`);
    }
  } catch (error) {
    throw new Error(watchdog.explain(error), { cause: error });
  } finally {
    watchdog.release();
  }
}

function redirectTarget(from: URL, location: string): URL {
  const target = URL.canParse(location, from.href) ? new URL(location, from) : undefined;
  if (target === undefined || !['http:', 'https:'].includes(target.protocol))
    throw new AppError('unavailable', `${from.host} redirects to something that is not a web address`);
  if (from.protocol === 'https:' && target.protocol === 'http:')
    throw new AppError('unavailable', `${from.host} redirects from https to http, which is refused`);
  return target;
}

/** The first hop that says something is the hub itself; later ones (storage) must not overrule it. */
function mergeDeclared(known: Declared, headers: Headers): Declared {
  const etag = headers.get('x-linked-etag')?.replace(/^W\//, '').replaceAll('"', '').toLowerCase() ?? '';
  const size = headers.get('x-linked-size') ?? '';
  const commit = headers.get('x-repo-commit') ?? '';
  return {
    sha256: known.sha256 ?? (/^[0-9a-f]{64}$/.test(etag) ? etag : null),
    bytes: known.bytes ?? (/^\d{1,15}$/.test(size) ? Number(size) : null),
    commit: known.commit ?? (/^[0-9a-f]{40}$/.test(commit) ? commit : null),
  };
}
