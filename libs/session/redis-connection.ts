// Connections to Redis that fail fast: nothing queues while Redis is away, no command waits longer than its timeout,
// and every failure is an AppError. Reconnecting goes on for ever in the background.
import { Cluster, Redis } from 'ioredis';
import { AppError } from '#libs/errors/index.js';
import { isLocal, parseRedisUrl, type RedisAddress } from './redis-address.js';

export type RedisClient = Redis | Cluster;

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
// Well below the heartbeat TTL, so that after an outage workers are back before the grace period for them ends.
const LAST_RETRY_MS = 500;
// How often a Cluster's map is read again without cause: after a fail-over errors tell of it at once.
const SLOTS_REFRESH_MS = 5000;

// Why a client isn't connected, e.g. "WRONGPASS …": its commands fail with no more than "not writeable". Only the
// message is kept, because the error itself carries the arguments of AUTH.
const connectionErrors = new WeakMap<RedisClient, string>();

/**
 * Resolves when the first attempt is over, connected or not: a Redis that is away must not keep a process from
 * starting. Throws `invalid_argument` if the URL isn't one of Redis, or a plain one where TLS is configured.
 */
export async function connectRedis(url: string, link: RedisLink = {}): Promise<RedisClient> {
  const { commandTimeoutMs = 300, connectTimeoutMs = 1000, tls } = link;
  const address = parseRedisUrl(url);
  if (tls !== undefined && !address.isEncrypted && !isLocal(address))
    throw new AppError(
      'invalid_argument',
      'redisUrl is a plain link to another machine, but TLS is configured: use rediss.',
      { field: 'redisUrl' },
    );
  const client = open(address, { commandTimeoutMs, connectTimeoutMs, tls });
  client.on('error', (error: Error) => connectionErrors.set(client, reasonOf(error)));
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

function open(address: RedisAddress, link: Required<RedisLink>): RedisClient {
  const { kind, hosts, db, primary } = address;
  const options = commonOptions(address, link);
  if (kind === 'cluster')
    return new Cluster([...hosts], {
      redisOptions: options,
      enableOfflineQueue: false,
      clusterRetryStrategy: retryDelayMs,
      slotsRefreshTimeout: link.connectTimeoutMs,
      slotsRefreshInterval: SLOTS_REFRESH_MS,
    });
  const single = { ...options, enableOfflineQueue: false, retryStrategy: retryDelayMs };
  if (kind === 'server') return new Redis({ ...single, ...hosts[0]!, db });
  return new Redis({
    ...single,
    sentinels: [...hosts],
    name: primary!,
    // Told of a fail-over by the Sentinels, instead of finding out by errors.
    failoverDetector: true,
    sentinelRetryStrategy: retryDelayMs,
    sentinelCommandTimeout: link.commandTimeoutMs,
    enableTLSForSentinelMode: address.isEncrypted,
    ...(address.isEncrypted && link.tls && { sentinelTLS: link.tls }),
  });
}

function commonOptions(
  { username, password, isEncrypted }: RedisAddress,
  { commandTimeoutMs, connectTimeoutMs, tls }: Required<RedisLink>,
) {
  return {
    ...(username !== undefined && { username }),
    ...(password !== undefined && { password }),
    ...(isEncrypted && { tls: tls ?? {} }),
    autoResendUnfulfilledCommands: false,
    autoResubscribe: false,
    maxRetriesPerRequest: 0,
    commandTimeout: commandTimeoutMs,
    connectTimeout: connectTimeoutMs,
    socketTimeout: DEAD_SOCKET_MS,
    disconnectTimeout: DISCONNECT_MS,
    // The old primary after a fail-over: the name now points to another one.
    reconnectOnError: (error: Error) => error.message.startsWith('READONLY'),
  };
}

function retryDelayMs(attempt: number): number {
  return Math.min(LAST_RETRY_MS, FIRST_RETRY_MS * 2 ** Math.min(attempt - 1, 10));
}

/** A Cluster that cannot be reached says only "Failed to refresh slots cache"; the last node's error says why. */
function reasonOf(error: Error & { readonly lastNodeError?: Error }): string {
  return error.lastNodeError?.message ?? error.message;
}

/** Runs one command or script; whatever goes wrong is `unavailable`, and its message never holds the URL. */
export async function askRedis<T>(
  client: RedisClient,
  purpose: string,
  command: () => Promise<T>,
): Promise<T> {
  try {
    return await command();
  } catch (cause) {
    const reason = connectionErrors.get(client) ?? (cause as Error).message;
    throw new AppError('unavailable', `Redis did not ${purpose}: ${reason}`, { cause });
  }
}
