// Where Redis is: one server, the primary that Sentinels name, or a Cluster. One URL says which:
//   redis://host:6379/0   redis+sentinel://host:26379,host:26379/primary-name   redis+cluster://host:6379,host:6379
// and rediss for links with TLS. Several hosts in one URL are no URL by the standard, so they are read here.
import { AppError } from '#libs/errors/index.js';

export interface RedisHost {
  readonly host: string;
  readonly port: number;
}

export interface RedisAddress {
  readonly kind: 'server' | 'sentinel' | 'cluster';
  readonly isEncrypted: boolean;
  /** One for a server. */
  readonly hosts: readonly RedisHost[];
  readonly username: string | undefined;
  readonly password: string | undefined;
  readonly db: number;
  /** Name of the primary that the Sentinels watch. */
  readonly primary: string | undefined;
}

const URL_PATTERN =
  /^redis(?<tls>s)?(?:\+(?<kind>sentinel|cluster))?:\/\/(?:(?<username>[^:@/?#]*)(?::(?<password>[^@/?#]*))?@)?(?<hosts>[^@/?#]+)(?:\/(?<path>[^/?#]*))?$/;
const HOST_PATTERN = /^(?<host>\[[0-9A-Fa-f:.%]+\]|[A-Za-z0-9._-]+)(?::(?<port>[0-9]{1,5}))?$/;
export const REDIS_URL_FORMS =
  'redis://host:6379, redis+sentinel://host:26379,host:26379/primary or redis+cluster://host:6379,host:6379 (rediss… for TLS)';

/** @throws AppError invalid_argument; its message never holds the URL, which may hold a password. */
export function parseRedisUrl(url: string): RedisAddress {
  const groups = URL_PATTERN.exec(url)?.groups;
  if (groups === undefined) throw invalid(`must look like ${REDIS_URL_FORMS}.`);
  const kind = (groups.kind ?? 'server') as RedisAddress['kind'];
  const hosts = groups.hosts!.split(',').map((text) => parseHost(text, kind === 'sentinel' ? 26379 : 6379));
  const path = decoded(groups.path) || undefined;
  if (kind === 'server' && hosts.length > 1)
    throw invalid('names several hosts; say redis+sentinel:// or redis+cluster://.');
  if (kind === 'sentinel' && path === undefined)
    throw invalid('must end with the name of the primary that the Sentinels watch.');
  if (kind === 'cluster' && path !== undefined && path !== '0')
    throw invalid('a Cluster has database 0 only.');
  if (kind === 'server' && path !== undefined && !/^[0-9]{1,4}$/.test(path))
    throw invalid('must end with the number of a database, if with anything.');
  return {
    kind,
    isEncrypted: groups.tls !== undefined,
    hosts,
    username: decoded(groups.username) || undefined,
    password: decoded(groups.password) || undefined,
    db: kind === 'server' ? Number(path ?? 0) : 0,
    primary: kind === 'sentinel' ? path : undefined,
  };
}

export function isRedisUrl(url: string): boolean {
  try {
    parseRedisUrl(url);
    return true;
  } catch {
    return false;
  }
}

/** Whether no link to it leaves this machine. */
export function isLocal({ hosts }: RedisAddress): boolean {
  return hosts.every(({ host }) => /^(localhost|127\.[0-9.]+|::1)$/.test(host));
}

function parseHost(text: string, defaultPort: number): RedisHost {
  const groups = HOST_PATTERN.exec(text.trim())?.groups;
  const port = Number(groups?.port ?? defaultPort);
  if (groups === undefined || port < 1 || port > 65535) throw invalid(`must look like ${REDIS_URL_FORMS}.`);
  return { host: groups.host!.replace(/^\[|\]$/g, ''), port };
}

function decoded(part: string | undefined): string {
  try {
    return decodeURIComponent(part ?? '');
  } catch {
    throw invalid('holds a % that is no percent-encoding; write it as %25.');
  }
}

function invalid(problem: string): AppError {
  return new AppError('invalid_argument', `redisUrl ${problem}`, { field: 'redisUrl' });
}
