// The gateway process. Nest's decorators need reflect-metadata before anything else.
import 'reflect-metadata';
import { AppError } from '#libs/errors/index.js';
import { openTlsFiles } from '#libs/rpc/index.js';
import { configuredWorkers, openJournalStore, openSession } from '#libs/session/index.js';
import { createLogger, createMetrics, type Logger } from '#libs/telemetry/index.js';
import { loadApiKeys } from './auth/load-api-keys.js';
import { type GatewayConfig, parseConfig } from './config.js';
import { DistillLog } from './distill-log/distill-log.js';
import { type Gateway, startGateway } from './gateway.js';
import { FolderTextModel } from './generation/folder-text-model.js';

try {
  const config = parseConfig(process.env);
  const logger = createLogger({ service: 'gateway', level: config.logLevel });
  const gateway = await start(config, logger);
  logger.info({ http: gateway.httpPort, grpc: gateway.grpcPort }, 'gateway ready for requests');
  for (const name of ['SIGTERM', 'SIGINT'] as const)
    process.once(name, () => void stop(gateway, logger, name));
} catch (thrown) {
  const error = AppError.from(thrown);
  process.stderr.write(`${error.code === 'internal' ? (error.stack ?? error.message) : error.message}\n`);
  process.exitCode = 1;
}

async function start(config: GatewayConfig, logger: Logger): Promise<Gateway> {
  const now = () => performance.now();
  const metrics = createMetrics({ processMetrics: true });
  const degradedParts = new Set<string>();
  const apiKeys = await loadApiKeys(config);
  if (!apiKeys.required && !isLoopback(config.host))
    logger.warn({ host: config.host }, 'without API keys, whoever reaches this address may use it');
  const onFailed = (error: Error) => logger.warn({ err: error }, 'the distill log could not be written');
  const distillLog = config.distillLog && new DistillLog({ ...config.distillLog, onFailed });
  const onUnusable = (error: AppError) => logger.error({ err: error }, 'the certificates were not renewed');
  const tls = openTlsFiles(config.tls, { onUnusable });
  const text = await FolderTextModel.open(config.modelFolder, config.servedName);
  const served = { model: text.manifestName, vocabularyFingerprint: text.vocabularyFingerprint };
  const session = await openSession({
    ...(config.redisUrl !== undefined && { redisUrl: config.redisUrl }),
    redis: { tls: tls?.identity.pem },
    workers: [
      ...configuredWorkers('verifier', config.verifierEndpoints, served),
      ...configuredWorkers('draft', config.draftEndpoints, served),
    ],
    now,
    onDegraded: (part, degraded, cause) => {
      if (degraded) degradedParts.add(part);
      else degradedParts.delete(part);
      metrics.registryDegraded.set(degradedParts.size > 0 ? 1 : 0);
      logger.warn({ part, degraded, err: cause }, 'session routing changed its footing');
    },
    onMalformed: (role, id) => logger.warn({ role, id }, 'the registry holds a malformed worker'),
  });
  const journalStore = await openJournalStore({
    redisUrl: config.redisUrl,
    redis: { tls: tls?.identity.pem },
    leaseMs: config.journalLeaseMs,
    ttlMs: config.journalTtlMs,
    maxSize: config.journalMaxSize,
    now,
  });
  try {
    const unixSeconds = () => Math.floor(Date.now() / 1000);
    const parts = {
      text,
      session,
      journalStore,
      apiKeys,
      tls,
      metrics,
      logger,
      distillLog,
      now,
      unixSeconds,
    };
    const gateway = await startGateway(parts, config);
    const close = async () => {
      await gateway.close();
      await Promise.all([text.close(), distillLog?.close()]);
    };
    return { ...gateway, close };
  } catch (error) {
    await Promise.all([session.close(), journalStore.close()]);
    throw error;
  }
}

function isLoopback(host: string): boolean {
  return host === 'localhost' || host === '::1' || host.startsWith('127.');
}

async function stop(gateway: Gateway, logger: Logger, signal: string): Promise<void> {
  logger.info({ signal }, 'shutting down');
  await gateway.close();
  logger.info('closed');
}
