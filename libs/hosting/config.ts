// What every model service reads from its environment. Only a main.ts passes process.env in.
import { hostname, networkInterfaces } from 'node:os';
import { z } from 'zod';
import { tlsEnvironmentSchema } from '#libs/rpc/index.js';
import { isRedisUrl, REDIS_URL_FORMS } from '#libs/session/index.js';
import { LOG_LEVELS } from '#libs/telemetry/index.js';

const port = z.coerce.number().int().min(0).max(65535);
const positive = z.coerce.number().int().positive();

/** Variables shared by draft and verifier; each service extends it with its own. */
export const hostingSchema = z.object({
  /** Address to listen on. */
  OUTRIDER_HOST: z.string().default('127.0.0.1'),
  /** host:port that others can dial; by default the machine's own address and the port listened on. */
  OUTRIDER_ADVERTISE: z.string().optional(),
  REDIS_URL: z.string().refine(isRedisUrl, `must look like ${REDIS_URL_FORMS}`).optional(),
  /** Upper bound of all KV caches together, in bytes. */
  OUTRIDER_KV_BYTES: positive.default(2 ** 30),
  /** How long an unused KV cache is kept. */
  OUTRIDER_SLOT_TTL_MS: positive.default(10 * 60_000),
  /** How long running generations may go on after SIGTERM. */
  OUTRIDER_DRAIN_MS: z.coerce.number().int().nonnegative().default(10_000),
  OUTRIDER_LOG_LEVEL: z.enum(LOG_LEVELS).default('info'),
  ...tlsEnvironmentSchema.shape,
});

export type HostingConfig = z.infer<typeof hostingSchema>;

export const portSchema = port;

/** A comma-separated list of host:port. */
export const endpointsSchema = z
  .string()
  .default('')
  .transform((list) =>
    list
      .split(',')
      .map((endpoint) => endpoint.trim())
      .filter(Boolean),
  );

/** The endpoint to register: as configured, else this machine's first address that others can reach. */
export function advertisedEndpoint(config: HostingConfig, boundPort: number): string {
  if (config.OUTRIDER_ADVERTISE !== undefined) return config.OUTRIDER_ADVERTISE;
  if (config.OUTRIDER_HOST !== '0.0.0.0' && config.OUTRIDER_HOST !== '::')
    return `${config.OUTRIDER_HOST}:${boundPort}`;
  const addresses = Object.values(networkInterfaces()).flatMap((list) => list ?? []);
  const external = addresses.find((address) => !address.internal && address.family === 'IPv4');
  return `${external?.address ?? hostname()}:${boundPort}`;
}
