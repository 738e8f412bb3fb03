// The gateway's settings, read from a record of environment variables; an error names every bad variable at once.
import { z } from 'zod';
import { validatedEnvironment } from '#libs/errors/index.js';
import { type TlsEnvironment, tlsEnvironmentSchema } from '#libs/rpc/index.js';
import { isRedisUrl, REDIS_URL_FORMS } from '#libs/session/index.js';
import { LOG_LEVELS } from '#libs/telemetry/index.js';
import { OPENABLE_ROUTES, type OpenableRoute } from './auth/authentication.js';
import type { ApiKeySettings } from './auth/load-api-keys.js';
import { parseKeyPriorities } from './limits/key-priorities.js';
import type { RequestLimitSettings } from './limits/limit-settings.js';

const port = z.coerce.number().int().min(0).max(65535);
const endpointPattern = /^(\[[0-9A-Fa-f:.%]+\]|[A-Za-z0-9._-]+):[0-9]{1,5}$/;
const list = z.string().transform((text) =>
  text
    .split(',')
    .map((part) => part.trim())
    .filter((part) => part !== ''),
);
const endpoints = list.pipe(
  z.array(z.string().regex(endpointPattern, 'must be host:port, separated by commas')),
);
const origin = z
  .string()
  .refine(isOrigin, 'must be origins such as https://example.org, separated by commas');
const keyPriorities = z.instanceof(Map<string, number>, {
  error: 'must be name:priority, -100 to 100, separated by commas',
});
const limit = z.coerce.number().int().min(1).max(1_000_000);
const milliseconds = z.coerce
  .number()
  .int()
  .min(1)
  .max(2 ** 31 - 1);

const environmentSchema = z.object({
  OUTRIDER_HOST: z.string().min(1).default('127.0.0.1'),
  OUTRIDER_HTTP_PORT: port.default(8080),
  OUTRIDER_GRPC_PORT: port.default(50051),
  /** Folder of a built target model; of it the gateway reads the manifest and the tokenizer. */
  OUTRIDER_MODEL_FOLDER: z.string({ error: 'is required: the folder of a built model' }).min(1),
  /** Name that clients ask for; the manifest's by default. */
  OUTRIDER_MODEL: z.string().min(1).max(256).optional(),
  REDIS_URL: z.string().refine(isRedisUrl, `must look like ${REDIS_URL_FORMS}`).optional(),
  /** Without Redis: the workers, host:port separated by commas. */
  OUTRIDER_VERIFIERS: endpoints.optional(),
  OUTRIDER_DRAFTS: endpoints.optional(),
  OUTRIDER_MAX_BODY_BYTES: z.coerce
    .number()
    .int()
    .min(1024)
    .max(2 ** 30)
    .default(4 * 1024 * 1024),
  /** `key` or `name:key`, separated by commas. With this or the file set, requests need a key. */
  OUTRIDER_API_KEYS: z.string().optional(),
  /** The same, one a line. */
  OUTRIDER_API_KEY_FILE: z.string().optional(),
  /** What needs no key besides the probes. */
  OUTRIDER_OPEN_ROUTES: list.pipe(z.array(z.enum(OPENABLE_ROUTES))).optional(),
  OUTRIDER_CORS_ORIGINS: list.pipe(z.array(origin)).optional(),
  /** Choices generated at once. */
  OUTRIDER_MAX_REQUESTS: limit.default(128),
  /** Choices that may wait beyond these; 0: none. */
  OUTRIDER_MAX_QUEUE: z.coerce.number().int().min(0).max(1_000_000).default(512),
  OUTRIDER_MAX_QUEUE_MS: milliseconds.default(30_000),
  OUTRIDER_MAX_REQUESTS_PER_KEY: limit.optional(),
  OUTRIDER_MAX_TOKENS_PER_KEY: z.coerce
    .number()
    .int()
    .min(1)
    .max(2 ** 40)
    .optional(),
  OUTRIDER_REQUESTS_PER_MINUTE: limit.optional(),
  /** The most urgent priority that a key may ask for, `name:priority` separated by commas. */
  OUTRIDER_KEY_PRIORITIES: list.transform(parseKeyPriorities).pipe(keyPriorities).optional(),
  OUTRIDER_LOG_LEVEL: z.enum(LOG_LEVELS).default('info'),
  ...tlsEnvironmentSchema.shape,
  /** File that answers are kept in as training data for a draft; off without it. */
  OUTRIDER_DISTILL_LOG: z.string().min(1).optional(),
  OUTRIDER_DISTILL_LOG_MAX_BYTES: z.coerce
    .number()
    .int()
    .min(1024)
    .max(2 ** 40)
    .default(64 * 1024 * 1024),
  /** Longest silence of a verifier within a stream; of one whose pace is known, ten times its longest round is enough. */
  OUTRIDER_STALL_TIMEOUT_MS: milliseconds.default(120_000),
  /** A client that reads nothing of its answer for so long loses it: it would hold its place for ever. */
  OUTRIDER_SLOW_READER_MS: milliseconds.default(60_000),
  /** An answer to a request with an idempotency key can be had again for so long after its last token. */
  OUTRIDER_IDEMPOTENCY_TTL_MS: milliseconds.default(600_000),
  /** A gateway that says nothing for so long is gone: a retry then goes on where it stopped. */
  OUTRIDER_IDEMPOTENCY_LEASE_MS: milliseconds.min(100).default(3_000),
  /** Of what is kept of one answer; larger ones can't be had again. */
  OUTRIDER_IDEMPOTENCY_MAX_BYTES: z.coerce
    .number()
    .int()
    .min(1024)
    .max(2 ** 28)
    .default(4 * 1024 * 1024),
  /** How long running answers may take to finish at shutdown. */
  OUTRIDER_SHUTDOWN_TIMEOUT_MS: milliseconds.default(10_000),
});

function isOrigin(text: string): boolean {
  return URL.canParse(text) && new URL(text).origin === text;
}

export interface GatewayConfig extends ApiKeySettings {
  readonly host: string;
  readonly httpPort: number;
  readonly grpcPort: number;
  readonly modelFolder: string;
  readonly servedName: string | undefined;
  readonly redisUrl: string | undefined;
  readonly verifierEndpoints: readonly string[];
  readonly draftEndpoints: readonly string[];
  readonly maxBodyBytes: number;
  readonly openRoutes: readonly OpenableRoute[];
  readonly corsOrigins: readonly string[];
  readonly limits: RequestLimitSettings;
  readonly tls: TlsEnvironment;
  readonly logLevel: (typeof LOG_LEVELS)[number];
  readonly distillLog: { readonly path: string; readonly maxBytes: number } | undefined;
  readonly stallTimeoutMs: number;
  readonly slowReaderMs: number;
  readonly shutdownTimeoutMs: number;
  readonly journalLeaseMs: number;
  readonly journalTtlMs: number;
  readonly journalMaxSize: number;
}

/** Throws `failed_precondition`. Empty values count as unset: that is how compose files pass them on. */
export function parseConfig(environment: Readonly<Record<string, string | undefined>>): GatewayConfig {
  const env = validatedEnvironment(environmentSchema, environment, 'The gateway cannot start');
  return {
    host: env.OUTRIDER_HOST,
    httpPort: env.OUTRIDER_HTTP_PORT,
    grpcPort: env.OUTRIDER_GRPC_PORT,
    modelFolder: env.OUTRIDER_MODEL_FOLDER,
    servedName: env.OUTRIDER_MODEL,
    redisUrl: env.REDIS_URL,
    verifierEndpoints: env.OUTRIDER_VERIFIERS ?? [],
    draftEndpoints: env.OUTRIDER_DRAFTS ?? [],
    maxBodyBytes: env.OUTRIDER_MAX_BODY_BYTES,
    apiKeys: env.OUTRIDER_API_KEYS,
    apiKeyFile: env.OUTRIDER_API_KEY_FILE,
    openRoutes: env.OUTRIDER_OPEN_ROUTES ?? [],
    corsOrigins: env.OUTRIDER_CORS_ORIGINS ?? [],
    limits: {
      maxRequests: env.OUTRIDER_MAX_REQUESTS,
      maxQueue: env.OUTRIDER_MAX_QUEUE,
      maxQueueMs: env.OUTRIDER_MAX_QUEUE_MS,
      maxRequestsPerKey: env.OUTRIDER_MAX_REQUESTS_PER_KEY,
      maxTokensPerKey: env.OUTRIDER_MAX_TOKENS_PER_KEY,
      requestsPerMinute: env.OUTRIDER_REQUESTS_PER_MINUTE,
      bestPriorities: env.OUTRIDER_KEY_PRIORITIES ?? new Map(),
    },
    tls: tlsEnvironmentSchema.parse(env),
    logLevel: env.OUTRIDER_LOG_LEVEL,
    distillLog:
      env.OUTRIDER_DISTILL_LOG === undefined
        ? undefined
        : { path: env.OUTRIDER_DISTILL_LOG, maxBytes: env.OUTRIDER_DISTILL_LOG_MAX_BYTES },
    stallTimeoutMs: env.OUTRIDER_STALL_TIMEOUT_MS,
    slowReaderMs: env.OUTRIDER_SLOW_READER_MS,
    shutdownTimeoutMs: env.OUTRIDER_SHUTDOWN_TIMEOUT_MS,
    journalLeaseMs: env.OUTRIDER_IDEMPOTENCY_LEASE_MS,
    journalTtlMs: env.OUTRIDER_IDEMPOTENCY_TTL_MS,
    journalMaxSize: env.OUTRIDER_IDEMPOTENCY_MAX_BYTES,
  };
}
