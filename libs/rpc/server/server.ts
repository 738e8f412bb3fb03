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
import { Shutdown } from './shutdown.js';

const KEEPALIVE_TIME_MS = 30_000;
const KEEPALIVE_TIMEOUT_MS = 10_000;
const SLOW_READER_MS = 300_000;

export interface ServerOptions {
  readonly host: string;
  /** 0 picks a free one. */
  readonly port: number;
  readonly services: readonly RpcService[];
  /** Health before the first `setServing`; default false: a server is not ready until someone says so. */
  readonly serving?: boolean;
  /** Default true. */
  readonly reflection?: boolean;
  readonly tls?: TlsOptions | undefined;
  /** How long a caller may read nothing of a stream before it is ended; default five minutes. */
  readonly slowReaderMs?: number;
  /** Called with what a handler threw that was no planned error: clients only hear "internal". */
  readonly onUnexpected?: (error: unknown, method: string) => void;
}

export interface RpcServer {
  readonly port: number;
  /** @param service a served name, or '' for all of them. */
  setServing(service: string, serving: boolean): void;
  /**
   * Reports NOT_SERVING, refuses new calls with `draining`, waits up to `deadlineMs` for the running ones, fails the
   * rest with `draining` too, and closes. Resolves with how many calls had to be failed.
   */
  drain(deadlineMs: number): Promise<number>;
  /** Fails what runs, also during a drain, and closes. */
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
  const scope = new CallScope(options.onUnexpected ?? (() => {}), options.slowReaderMs ?? SLOW_READER_MS);
  for (const service of options.services) server.addService(service.definition, service.bind(scope));
  const endless = new EndlessCalls(server);
  const health = new Health(names, options.serving ?? false);
  health.addTo(endless);
  if (options.reflection ?? true) reflectionOf(names).addToServer(endless);
  const port = await bind(server, options);
  const shutdown = new Shutdown(server, scope, endless);
  return {
    port,
    setServing: (service, serving) => {
      if (!shutdown.started) health.set(service, serving);
    },
    drain: (deadlineMs) => {
      health.set('', false);
      return shutdown.drain(deadlineMs);
    },
    close: async () => {
      health.set('', false);
      await shutdown.now();
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
