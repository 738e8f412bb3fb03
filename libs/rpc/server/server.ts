// A gRPC server with health, reflection, limits and an orderly end.
import { Server } from '@grpc/grpc-js';
import { AppError } from '#libs/errors/index.js';
import { MAX_CONCURRENT_CALLS, MAX_MESSAGE_BYTES } from '../limits.js';
import { serverCredentials, type TlsOptions } from '../tls.js';
import { CallScope } from './call-scope.js';
import { EndlessCalls } from './endless-calls.js';
import { Health } from './health.js';
import { reflectionOf } from './reflection.js';
import type { RpcService } from './rpc-service.js';

const KEEPALIVE_TIME_MS = 30_000;
const KEEPALIVE_TIMEOUT_MS = 10_000;
/** How long the last trailers may take to reach clients before connections are cut. */
const FLUSH_MS = 500;

export interface ServerOptions {
  readonly host: string;
  /** 0 picks a free one. */
  readonly port: number;
  readonly services: readonly RpcService[];
  /** Health before the first `setServing`; default false: a server is not ready until someone says so. */
  readonly serving?: boolean;
  /** Default true. */
  readonly reflection?: boolean;
  readonly tls?: TlsOptions;
  /** Called with what a handler threw that was no planned error: clients only hear "internal". */
  readonly onUnexpected?: (error: unknown, method: string) => void;
}

export interface RpcServer {
  readonly port: number;
  /** @param service a served name, or '' for all of them. */
  setServing(service: string, serving: boolean): void;
  /**
   * Reports NOT_SERVING, refuses new calls with `unavailable`, waits up to `deadlineMs` for the running ones, fails
   * the rest, and closes. Resolves with how many calls had to be failed.
   */
  drain(deadlineMs: number): Promise<number>;
  /** Closes now: `drain(0)`. */
  close(): Promise<void>;
}

/** Throws failed_precondition when the address cannot be bound. */
export async function startServer(options: ServerOptions): Promise<RpcServer> {
  const server = new Server({
    'grpc.max_receive_message_length': MAX_MESSAGE_BYTES,
    'grpc.max_send_message_length': MAX_MESSAGE_BYTES,
    'grpc.max_concurrent_streams': MAX_CONCURRENT_CALLS,
    'grpc.keepalive_time_ms': KEEPALIVE_TIME_MS,
    'grpc.keepalive_timeout_ms': KEEPALIVE_TIMEOUT_MS,
    'grpc.enable_channelz': 0,
  });
  const names = options.services.map((service) => service.name);
  const scope = new CallScope(options.onUnexpected ?? (() => {}));
  for (const service of options.services) server.addService(service.definition, service.bind(scope));
  const endless = new EndlessCalls(server);
  const health = new Health(names, options.serving ?? false);
  health.addTo(endless);
  if (options.reflection ?? true) reflectionOf(names).addToServer(endless);
  const port = await bind(server, options);
  let drained: Promise<number> | undefined;
  const drain = (deadlineMs: number): Promise<number> => {
    health.set('', false);
    const failed = drained ?? drainCalls(scope, deadlineMs);
    drained ??= failed.then(async (count) => {
      endless.end();
      await shutDown(server);
      return count;
    });
    return drained;
  };
  return {
    port,
    setServing: (service, serving) => {
      if (drained === undefined) health.set(service, serving);
    },
    drain,
    close: async () => {
      scope.failAll();
      await drain(0);
    },
  };
}

function bind(server: Server, { host, port, tls }: ServerOptions): Promise<number> {
  const address = `${host.includes(':') ? `[${host}]` : host}:${port}`;
  return new Promise((resolve, reject) => {
    server.bindAsync(address, serverCredentials(tls), (error, bound) => {
      if (error === null) return resolve(bound);
      server.forceShutdown();
      const message = `Cannot listen on ${address} (${error.message}); choose another host or port.`;
      reject(new AppError('failed_precondition', message, { cause: error }));
    });
  });
}

async function drainCalls(scope: CallScope, deadlineMs: number): Promise<number> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<'late'>((resolve) => {
    timer = setTimeout(resolve, deadlineMs, 'late');
  });
  const outcome = await Promise.race([scope.drain(), late]);
  clearTimeout(timer);
  return outcome === 'late' ? scope.failAll() : 0;
}

function shutDown(server: Server): Promise<void> {
  return new Promise((resolve) => {
    const timer = setTimeout(() => server.forceShutdown(), FLUSH_MS);
    server.tryShutdown(() => {
      clearTimeout(timer);
      resolve();
    });
  });
}
