// The life of a draft or verifier process: load the model, serve, register, report health, and on
// SIGTERM leave without losing anything: no new sessions, running ones finish, then the worker stops.
import { randomUUID } from 'node:crypto';
import type { AppError } from '#libs/errors/index.js';
import type { Manifest } from '#libs/models/index.js';
import { type ModelInfo, openTlsFiles, type RpcService, startServer } from '#libs/rpc/index.js';
import {
  openSession,
  type Role,
  type Session,
  type WorkerRecord,
  type WorkerStatus,
} from '#libs/session/index.js';
import { createLogger, type Logger } from '#libs/telemetry/index.js';
import { advertisedEndpoint, type HostingConfig } from './config.js';
import { startProbe } from './probe.js';

export interface HostContext {
  readonly info: ModelInfo;
  readonly session: Session;
  readonly logger: Logger;
}

/** How a model that runs elsewhere (in a worker thread) tells of its state. */
export interface ModelHealth {
  readonly down: (error: AppError) => void;
  readonly up: () => void;
}

/** A loaded model with the service that answers from it. */
export interface HostedModel {
  readonly contextLength: number;
  /** False when KV caches are copied at every step (libs/engine/in-place.ts): correct, but slow. */
  readonly inPlace: boolean;
  /** What else the operator should know of how it runs. */
  readonly warning?: string | undefined;
  readonly service: (context: HostContext) => RpcService;
  /** Prometheus text. */
  readonly metrics: () => Promise<string>;
  /** What gateways are told of it to choose by. */
  readonly status?: (() => WorkerStatus) | undefined;
  readonly stop: () => Promise<void>;
}

export interface HostOptions {
  readonly role: Role;
  readonly config: HostingConfig;
  readonly port: number;
  /** Of the HTTP probe; undefined: none. */
  readonly probePort?: number | undefined;
  readonly manifest: Manifest;
  /** Of a target: those it gives; of a draft: those it reads. */
  readonly features?: ModelInfo['features'];
  /** Loads the model. */
  readonly start: (health: ModelHealth) => Promise<HostedModel>;
  /** Workers known from the configuration, when there is no Redis. */
  readonly knownWorkers?: readonly WorkerRecord[];
}

/** Resolves when the process has been told to end and has ended its work. */
export async function hostModelService(options: HostOptions, stop: AbortSignal): Promise<void> {
  const { config, manifest, role } = options;
  const logger = createLogger({ service: role, level: config.OUTRIDER_LOG_LEVEL });
  const onUnusable = (error: AppError) => logger.error({ err: error }, 'the certificates were not renewed');
  const tls = openTlsFiles(config, { onUnusable });
  let [isServing, tellServing] = [false, (_serving: boolean): void => {}];
  const setServing = (serving: boolean): void => {
    isServing = serving;
    tellServing(serving);
  };
  let model: HostedModel | undefined;
  const probe = await startProbe({
    host: config.OUTRIDER_HOST,
    port: options.probePort,
    isReady: () => isServing,
    metrics: async () => (await model?.metrics()) ?? '',
  });
  model = await options.start({
    down: (error) => {
      logger.error({ err: error }, 'the model worker crashed');
      setServing(false);
    },
    up: () => {
      logger.warn('the model worker is back');
      setServing(true);
    },
  });
  if (!model.inPlace)
    logger.warn('onnxruntime-node does not write KV caches in place: every step copies them');
  if (model.warning !== undefined) logger.warn(model.warning);
  const session = await openSession({
    ...(config.REDIS_URL !== undefined && { redisUrl: config.REDIS_URL }),
    redis: { tls: tls?.identity.pem },
    workers: options.knownWorkers ?? [],
    now: () => performance.now(),
    onDegraded: (part, degraded, cause) => logger.warn({ part, degraded, err: cause }, 'session routing'),
  });
  const info: ModelInfo = {
    model: manifest.name,
    vocabSize: manifest.vocabSize,
    vocabularyFingerprint: manifest.vocabularyFingerprint,
    contextLength: model.contextLength,
    features: options.features,
  };
  const server = await startServer({
    host: config.OUTRIDER_HOST,
    port: options.port,
    tls,
    services: [model.service({ info, session, logger })],
    onUnexpected: (error, method) => logger.error({ err: error, method }, 'unexpected failure'),
  });
  const endpoint = advertisedEndpoint(config, server.port);
  const { vocabularyFingerprint } = info;
  const registration = await session.registry.register(
    {
      id: `${role}-${randomUUID()}`,
      role,
      endpoint,
      model: info.model,
      vocabularyFingerprint,
      draining: false,
    },
    model.status,
  );
  tellServing = (serving) => server.setServing('', serving);
  setServing(true);
  const { model: name, contextLength } = info;
  logger.info({ endpoint, model: name, contextLength, ...(probe && { probe: probe.port }) }, 'ready');

  await aborted(stop);
  logger.info('draining');
  isServing = false;
  await registration.drain();
  const cut = await server.drain(config.OUTRIDER_DRAIN_MS);
  await probe?.close();
  await model.stop();
  await registration.close();
  await session.close();
  logger.info({ cut }, 'stopped');
}

function aborted(signal: AbortSignal): Promise<void> {
  if (signal.aborted) return Promise.resolve();
  return new Promise((resolve) => signal.addEventListener('abort', () => resolve(), { once: true }));
}
