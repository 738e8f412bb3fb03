// The gateway's settings, read from a record of environment variables; an error names every bad variable at once.
import { z } from 'zod';
import { validatedEnvironment } from '#libs/errors/index.js';
import { LOG_LEVELS } from '#libs/telemetry/index.js';

const port = z.coerce.number().int().min(0).max(65535);
const endpointPattern = /^(\[[0-9A-Fa-f:.%]+\]|[A-Za-z0-9._-]+):[0-9]{1,5}$/;
const endpoints = z
  .string()
  .transform((list) =>
    list
      .split(',')
      .map((part) => part.trim())
      .filter((part) => part !== ''),
  )
  .pipe(z.array(z.string().regex(endpointPattern, 'must be host:port, separated by commas')));
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
  REDIS_URL: z.url({ protocol: /^rediss?$/ }).optional(),
  /** Without Redis: the workers, host:port separated by commas. */
  OUTRIDER_VERIFIERS: endpoints.optional(),
  OUTRIDER_DRAFTS: endpoints.optional(),
  OUTRIDER_MAX_BODY_BYTES: z.coerce
    .number()
    .int()
    .min(1024)
    .max(2 ** 30)
    .default(4 * 1024 * 1024),
  OUTRIDER_LOG_LEVEL: z.enum(LOG_LEVELS).default('info'),
  /** Longest silence of a verifier within a stream; long prompts take their time before the first token. */
  OUTRIDER_STALL_TIMEOUT_MS: milliseconds.default(120_000),
  /** How long running answers may take to finish at shutdown. */
  OUTRIDER_SHUTDOWN_TIMEOUT_MS: milliseconds.default(10_000),
});

export interface GatewayConfig {
  readonly host: string;
  readonly httpPort: number;
  readonly grpcPort: number;
  readonly modelFolder: string;
  readonly servedName: string | undefined;
  readonly redisUrl: string | undefined;
  readonly verifierEndpoints: readonly string[];
  readonly draftEndpoints: readonly string[];
  readonly maxBodyBytes: number;
  readonly logLevel: (typeof LOG_LEVELS)[number];
  readonly stallTimeoutMs: number;
  readonly shutdownTimeoutMs: number;
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
    logLevel: env.OUTRIDER_LOG_LEVEL,
    stallTimeoutMs: env.OUTRIDER_STALL_TIMEOUT_MS,
    shutdownTimeoutMs: env.OUTRIDER_SHUTDOWN_TIMEOUT_MS,
  };
}
