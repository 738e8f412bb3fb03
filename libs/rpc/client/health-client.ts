// Asks a server's grpc.health.v1 service; for supervisors and readiness checks.
import { setTimeout as sleep } from 'node:timers/promises';
import { service } from 'grpc-health-check';
import { AppError } from '#libs/errors/index.js';
import { throwIfAborted } from './abortable.js';
import { ChannelPool } from './channel-pool.js';
import { unaryCall } from './unary-call.js';

const CHECK_DEADLINE_MS = 1_000;
const MIN_PAUSE_MS = 25;
const MAX_PAUSE_MS = 500;

/**
 * True when the service ('' is the whole server) is serving. Throws `unavailable` when the endpoint cannot be reached,
 * `not_found` when it does not know the service.
 */
export async function checkHealth(
  endpoint: string,
  serviceName: string,
  signal: AbortSignal,
  pool?: ChannelPool,
): Promise<boolean> {
  const channels = pool ?? new ChannelPool();
  const lease = channels.lease(endpoint);
  const method = {
    definition: service.Check!,
    decode: (response: object) => (response as { status?: unknown }).status === 'SERVING',
  };
  try {
    const options = { signal, deadlineMs: CHECK_DEADLINE_MS };
    return await unaryCall(lease.channel, method, { service: serviceName }, options);
  } finally {
    lease.release();
    if (pool === undefined) channels.close();
  }
}

/** Resolves when the service is serving; rejects only when the signal aborts. */
export async function waitUntilServing(
  endpoint: string,
  signal: AbortSignal,
  serviceName = '',
  pool?: ChannelPool,
): Promise<void> {
  const channels = pool ?? new ChannelPool();
  try {
    for (let pauseMs = MIN_PAUSE_MS; ; pauseMs = Math.min(pauseMs * 2, MAX_PAUSE_MS)) {
      if (await isServing(endpoint, serviceName, signal, channels)) return;
      await sleep(pauseMs, undefined, { signal });
    }
  } catch (error) {
    throwIfAborted(signal);
    throw error;
  } finally {
    if (pool === undefined) channels.close();
  }
}

async function isServing(...check: Parameters<typeof checkHealth>): Promise<boolean> {
  try {
    return await checkHealth(...check);
  } catch (error) {
    throwIfAborted(check[2]);
    if (AppError.from(error).code === 'invalid_argument') throw error;
    return false;
  }
}
