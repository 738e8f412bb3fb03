import assert from 'node:assert/strict';
import { test } from 'node:test';
import { parseConfig } from './config.js';

test('a model folder is enough; the rest has defaults, and empty values count as unset', () => {
  assert.deepEqual(
    parseConfig({ OUTRIDER_MODEL_FOLDER: 'models/m', REDIS_URL: '', OUTRIDER_VERIFIERS: '' }),
    {
      host: '127.0.0.1',
      httpPort: 8080,
      grpcPort: 50051,
      modelFolder: 'models/m',
      servedName: undefined,
      redisUrl: undefined,
      verifierEndpoints: [],
      draftEndpoints: [],
      maxBodyBytes: 4 * 1024 * 1024,
      apiKeys: undefined,
      apiKeyFile: undefined,
      openRoutes: [],
      corsOrigins: [],
      limits: {
        maxRequests: 128,
        maxQueue: 512,
        maxQueueMs: 30_000,
        maxRequestsPerKey: undefined,
        maxTokensPerKey: undefined,
        requestsPerMinute: undefined,
        bestPriorities: new Map(),
      },
      tls: {},
      logLevel: 'info',
      distillLog: undefined,
      stallTimeoutMs: 120_000,
      slowReaderMs: 60_000,
      shutdownTimeoutMs: 10_000,
      journalLeaseMs: 3_000,
      journalTtlMs: 600_000,
      journalMaxSize: 4 * 1024 * 1024,
    },
  );
});

test('lists of endpoints may have spaces', () => {
  const { verifierEndpoints } = parseConfig({
    OUTRIDER_MODEL_FOLDER: 'm',
    OUTRIDER_VERIFIERS: 'a:1, [::1]:2,,127.0.0.1:3',
  });
  assert.deepEqual(verifierEndpoints, ['a:1', '[::1]:2', '127.0.0.1:3']);
});

test('an error names every bad variable at once', () => {
  const bad = {
    OUTRIDER_HTTP_PORT: '70000',
    OUTRIDER_GRPC_PORT: 'x',
    REDIS_URL: 'http://x',
    OUTRIDER_VERIFIERS: 'a',
    OUTRIDER_LOG_LEVEL: 'loud',
    OUTRIDER_MAX_BODY_BYTES: '-1',
    OUTRIDER_OPEN_ROUTES: 'chat',
    OUTRIDER_CORS_ORIGINS: '*',
    OUTRIDER_MAX_REQUESTS: '0',
    OUTRIDER_MAX_REQUESTS_PER_KEY: 'many',
    OUTRIDER_REQUESTS_PER_MINUTE: '1.5',
    OUTRIDER_MAX_QUEUE: '-1',
    OUTRIDER_KEY_PRIORITIES: 'alice:-200',
  };
  assert.throws(
    () => parseConfig(bad),
    ({ message }: Error) =>
      [...Object.keys(bad), 'OUTRIDER_MODEL_FOLDER'].every((name) => message.includes(name)),
  );
});
