// Puts the gateway together: the use case in the middle, HTTP and gRPC around it, one orderly end.
import {
  ChannelPool,
  GENERATION_SERVICE,
  generationServiceHandlers,
  type RpcServer,
  startServer,
  type TlsOptions,
} from '#libs/rpc/index.js';
import type { Session } from '#libs/session/index.js';
import type { Logger, Metrics } from '#libs/telemetry/index.js';
import type { ApiKeys } from './auth/api-keys.js';
import type { OpenableRoute } from './auth/authentication.js';
import { authenticator } from './auth/authenticator.js';
import type { DistillLog } from './distill-log/distill-log.js';
import { GenerationService } from './generation/generation.service.js';
import { RoundPace } from './generation/round-pace.js';
import { RunningRequests } from './generation/running-requests.js';
import type { TextModel } from './generation/text-model.js';
import { generationHandlers } from './grpc/generation-handlers.js';
import { Readiness } from './health/readiness.js';
import { type HttpServer, startHttpServer } from './http/http-server.js';
import type { Route } from './http/routes.js';
import { type RequestLimitSettings, RequestLimits } from './limits/request-limits.js';
import { ServedModel } from './openai/served-model.js';
import { VerifierClients } from './verifier-clients.js';

export interface GatewayOptions {
  readonly host: string;
  /** 0 picks a free one. */
  readonly httpPort: number;
  readonly grpcPort: number;
  readonly maxBodyBytes: number;
  readonly openRoutes: readonly OpenableRoute[];
  readonly corsOrigins: readonly string[];
  readonly limits: RequestLimitSettings;
  readonly stallTimeoutMs: number;
  readonly shutdownTimeoutMs: number;
}

export interface GatewayParts {
  readonly text: TextModel;
  readonly session: Session;
  readonly apiKeys: ApiKeys;
  /** Of the links to verifiers. */
  readonly tls?: TlsOptions | undefined;
  readonly metrics: Metrics;
  readonly logger: Logger;
  readonly distillLog?: Pick<DistillLog, 'add'> | undefined;
  /** Monotonic milliseconds. */
  readonly now: () => number;
  readonly unixSeconds: () => number;
}

export interface Gateway {
  readonly httpPort: number;
  readonly grpcPort: number;
  /** What the HTTP side answers. */
  readonly routes: readonly Route[];
  /** Not ready any more; running answers finish or are cut off at the deadline; then everything closes. */
  close(): Promise<void>;
}

const READINESS_INTERVAL_MS = 500;
/** For the ends of finished answers to reach their clients at shutdown. */
const FLUSH_MS = 1_000;

/** Takes over the session: `close` closes it. Throws when a port can't be bound. */
export async function startGateway(parts: GatewayParts, options: GatewayOptions): Promise<Gateway> {
  const { text, session, apiKeys, metrics, logger, now, unixSeconds } = parts;
  const limits = new RequestLimits({
    settings: options.limits,
    now,
    onRefused: (reason) => metrics.requestsRefused.inc(reason),
  });
  const running = new RunningRequests(limits);
  const pool = new ChannelPool({ tls: parts.tls });
  const generations = new GenerationService({
    text,
    router: session.router,
    dialer: new VerifierClients(pool),
    running,
    metrics,
    logger,
    now,
    unixSeconds,
    distillLog: parts.distillLog,
    pace: new RoundPace(options.stallTimeoutMs),
  });
  const readiness = new Readiness(session.registry, running, text.manifestName);
  const servedModel = new ServedModel(text, unixSeconds());
  const { host, httpPort, grpcPort, maxBodyBytes, openRoutes, corsOrigins } = options;
  const authenticate = authenticator(apiKeys, () => metrics.requestsRefused.inc('invalid_api_key'));
  const http = await startHttpServer(
    { text, generations, servedModel, readiness, metrics, logger },
    { host, port: httpPort, maxBodyBytes, authenticate, openRoutes, corsOrigins },
  );
  let grpc: RpcServer;
  try {
    grpc = await startServer({
      host,
      port: grpcPort,
      services: [
        generationServiceHandlers(generationHandlers({ generations, servedModel: text.name, authenticate })),
      ],
      onUnexpected: (error, method) => logger.error({ err: error, method }, 'call failed unexpectedly'),
    });
  } catch (error) {
    await http.close(0);
    throw error;
  }
  // gRPC health is pushed, readiness is looked up: the registry says nothing when workers come and go.
  const report = () => grpc.setServing(GENERATION_SERVICE, readiness.ready);
  report();
  const timer = setInterval(report, READINESS_INTERVAL_MS);
  let closed: Promise<void> | undefined;
  const close = () => {
    clearInterval(timer);
    closed ??= shutDown({ http, grpc, running, pool, session }, options.shutdownTimeoutMs);
    return closed;
  };
  return { httpPort: http.port, grpcPort: grpc.port, routes: http.routes, close };
}

interface Open {
  readonly http: HttpServer;
  readonly grpc: RpcServer;
  readonly running: RunningRequests;
  readonly pool: ChannelPool;
  readonly session: Session;
}

async function shutDown({ http, grpc, running, pool, session }: Open, timeoutMs: number): Promise<void> {
  grpc.setServing(GENERATION_SERVICE, false);
  await running.drain(timeoutMs);
  // The last bytes are still on their way out.
  await Promise.all([grpc.drain(FLUSH_MS), http.close(FLUSH_MS)]);
  pool.close();
  await session.close();
}
