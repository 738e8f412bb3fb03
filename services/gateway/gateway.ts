// Puts the gateway together: the use case in the middle, HTTP and gRPC around it, one orderly end.
import {
  ChannelPool,
  GENERATION_SERVICE,
  generationServiceHandlers,
  type RpcServer,
  startServer,
  type TlsOptions,
  VerifierClient,
} from '#libs/rpc/index.js';
import type { JournalStore, Session } from '#libs/session/index.js';
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
import type { EvenStreamSettings } from './http/even-stream.js';
import { startHttpServer } from './http/http-server.js';
import type { Route } from './http/routes.js';
import { Journals } from './idempotency/journals.js';
import { Admission } from './limits/admission.js';
import type { RequestLimitSettings } from './limits/limit-settings.js';
import { ServedModel } from './openai/served-model.js';
import { shutDown } from './shut-down.js';

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
  /** How long a client may read nothing of an answer. */
  readonly slowReaderMs: number;
  /** Undefined: streams are sent as they come. */
  readonly evenStream?: EvenStreamSettings | undefined;
  readonly shutdownTimeoutMs: number;
  readonly journalLeaseMs: number;
}

export interface GatewayParts {
  readonly text: TextModel;
  readonly session: Session;
  /** Of answers to requests with an idempotency key; its leases are of `journalLeaseMs`. */
  readonly journalStore: JournalStore;
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
  /** HTTP answers that are not over. */
  readonly openAnswers: () => number;
  /** Not ready any more; running answers finish or are cut off at the deadline; then everything closes. */
  close(): Promise<void>;
}

const READINESS_INTERVAL_MS = 500;

/** Takes over session and journal store: `close` closes them. Throws when a port can't be bound. */
export async function startGateway(parts: GatewayParts, options: GatewayOptions): Promise<Gateway> {
  const { text, session, apiKeys, metrics, logger, now, unixSeconds } = parts;
  const admission = new Admission({
    settings: options.limits,
    now,
    onRefused: (reason) => metrics.requestsRefused.inc(reason),
    onWaiting: (choices) => metrics.requestsWaiting.set(choices),
  });
  const running = new RunningRequests(admission);
  const pool = new ChannelPool({ tls: parts.tls });
  const journals = new Journals({
    store: parts.journalStore,
    leaseMs: options.journalLeaseMs,
    vocabSize: text.vocabSize,
    metrics,
    logger,
    now,
    unixSeconds,
  });
  const generations = new GenerationService({
    text,
    router: session.router,
    dialer: (endpoint) => new VerifierClient(endpoint, pool),
    running,
    metrics,
    logger,
    now,
    unixSeconds,
    distillLog: parts.distillLog,
    maxBusyMs: options.limits.maxQueueMs,
    pace: new RoundPace(options.stallTimeoutMs),
    journals,
  });
  const readiness = new Readiness(session.registry, running, text.manifestName);
  const servedModel = new ServedModel(text, unixSeconds());
  const { host, httpPort, grpcPort, maxBodyBytes, openRoutes, corsOrigins, slowReaderMs, evenStream } =
    options;
  const authenticate = authenticator(apiKeys, () => metrics.requestsRefused.inc('invalid_api_key'));
  const http = await startHttpServer(
    { text, generations, servedModel, readiness, metrics, logger },
    { host, port: httpPort, maxBodyBytes, authenticate, openRoutes, corsOrigins, slowReaderMs, evenStream },
  );
  let grpc: RpcServer;
  try {
    grpc = await startServer({
      host,
      port: grpcPort,
      services: [
        generationServiceHandlers(generationHandlers({ generations, servedModel: text.name, authenticate })),
      ],
      slowReaderMs,
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
    closed ??= shutDown({ http, grpc, running, pool, session, journals }, options.shutdownTimeoutMs);
    return closed;
  };
  return {
    httpPort: http.port,
    grpcPort: grpc.port,
    routes: http.routes,
    openAnswers: http.openAnswers,
    close,
  };
}
