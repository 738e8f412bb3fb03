// Connections to Redis that fail fast: nothing queues while Redis is away, no command waits longer than its timeout,
// and every failure is an AppError. Reconnecting goes on for ever in the background.
import { Redis } from 'ioredis';
import { AppError } from '#libs/errors/index.js';

/** PEM contents: what a Redis behind rediss:// is shown, and whom it must be signed by. */
export interface RedisTls {
  readonly ca: Buffer;
  readonly cert: Buffer;
  readonly key: Buffer;
}

export interface RedisLink {
  /** A command's limit. Default 300. */
  readonly commandTimeoutMs?: number;
  /** Limit of one attempt to connect. Default 1000. */
  readonly connectTimeoutMs?: number;
  /** With it no plain link leaves this machine. */
  readonly tls?: RedisTls | undefined;
}

// A socket with commands waiting and no byte back for so long is half-open: TCP alone would keep it for minutes.
const DEAD_SOCKET_MS = 2000;
// ioredis leaves this timer running for a socket that was closed already; it would keep a process from ending.
const DISCONNECT_MS = 100;
const FIRST_RETRY_MS = 50;
const LOOPBACK = /^(localhost|127\.[0-9.]+|\[::1\])$/;
// Well below the heartbeat TTL, so that after an outage workers are back before the grace period for them ends.
const LAST_RETRY_MS = 500;

// Why a client isn't connected, e.g. "WRONGPASS …": its commands fail with no more than "not writeable". Only the
// message is kept, because the error itself carries the arguments of AUTH.
const connectionErrors = new WeakMap<Redis, string>();

/**
 * Resolves when the first attempt is over, connected or not: a Redis that is away must not keep a process from
 * starting. Throws `invalid_argument` if the URL isn't one of Redis.
 */
export async function connectRedis(
  url: string,
  { commandTimeoutMs = 300, connectTimeoutMs = 1000, tls }: RedisLink = {},
): Promise<Redis> {
  const isEncrypted = assertRedisUrl(url, tls);
  const client = new Redis(url, {
    enableOfflineQueue: false,
    autoResendUnfulfilledCommands: false,
    autoResubscribe: false,
    maxRetriesPerRequest: 0,
    commandTimeout: commandTimeoutMs,
    connectTimeout: connectTimeoutMs,
    ...(isEncrypted && tls && { tls }),
    socketTimeout: DEAD_SOCKET_MS,
    disconnectTimeout: DISCONNECT_MS,
    retryStrategy: (attempt) => Math.min(LAST_RETRY_MS, FIRST_RETRY_MS * 2 ** Math.min(attempt - 1, 10)),
    // The old primary after a fail-over: the name now points to another one.
    reconnectOnError: (error) => error.message.startsWith('READONLY'),
  });
  client.on('error', (error: Error) => connectionErrors.set(client, error.message));
  client.on('ready', () => connectionErrors.delete(client));
  await new Promise<void>((resolve) => {
    const timer = setTimeout(resolve, connectTimeoutMs + commandTimeoutMs);
    const settle = () => {
      clearTimeout(timer);
      resolve();
    };
    client.once('ready', settle).once('close', settle);
  });
  return client;
}

/** Runs one command or script; whatever goes wrong is `unavailable`, and its message never holds the URL. */
export async function askRedis<T>(client: Redis, purpose: string, command: () => Promise<T>): Promise<T> {
  try {
    return await command();
  } catch (cause) {
    const reason = connectionErrors.get(client) ?? (cause as Error).message;
    throw new AppError('unavailable', `Redis did not ${purpose}: ${reason}`, { cause });
  }
}

/** Whether the link is encrypted. */
function assertRedisUrl(url: string, tls: RedisTls | undefined): boolean {
  const { protocol, hostname } = URL.canParse(url) ? new URL(url) : { protocol: '', hostname: '' };
  if (protocol === 'rediss:') return true;
  const problem =
    protocol !== 'redis:'
      ? 'redisUrl must look like redis://host:6379 (or rediss:// for TLS).'
      : 'redisUrl is a plain link to another machine, but TLS is configured: use rediss://.';
  if (protocol !== 'redis:' || (tls !== undefined && !LOOPBACK.test(hostname)))
    throw new AppError('invalid_argument', problem, { field: 'redisUrl' });
  return false;
}
