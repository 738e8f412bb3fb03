// The draft that a tuning measures: a service that runs already, or one that is started for it as `outrider serve` does.
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import {
  ChannelPool,
  DraftClient,
  openTlsFiles,
  type TlsOptions,
  tlsEnvironmentSchema,
  waitUntilServing,
} from '#libs/rpc/index.js';
import { assertPortsFree } from '../free-ports.js';
import { SupervisedProcess } from '../supervised-process.js';

const HOST = '127.0.0.1';

export interface DraftService {
  readonly endpoint: string;
  /** The draft model's name, as it says. */
  readonly name: string;
  /** What dialling it takes; undefined without TLS. */
  readonly tls: TlsOptions | undefined;
  stop(): Promise<void>;
}

export interface DraftServiceOptions {
  readonly home: string;
  readonly folder: string;
  readonly port: number;
  readonly env: NodeJS.ProcessEnv;
}

/** Whether the text names a service rather than a model or a folder. */
export function isEndpoint(text: string): boolean {
  return /^(\[[0-9A-Fa-f:.%]+\]|[A-Za-z0-9._-]+):[0-9]{1,5}$/.test(text);
}

/** @throws AppError failed_precondition if the port is in use; unavailable if the draft ends before it is ready. */
export async function startDraftService(
  { home, folder, port, env }: DraftServiceOptions,
  signal: AbortSignal,
): Promise<DraftService> {
  await assertPortsFree(HOST, [{ port, variable: 'OUTRIDER_DRAFT_PORT' }]);
  const logs = join(home, 'logs');
  await mkdir(logs, { recursive: true });
  // It serves this tuning alone: nobody else is to find it, and clients' keys are none of its business.
  const { REDIS_URL, OUTRIDER_API_KEYS, ...own } = env;
  const process = new SupervisedProcess({
    name: 'draft',
    module: fileURLToPath(new URL('../../services/draft/main.js', import.meta.url)),
    env: { ...own, OUTRIDER_HOST: HOST, OUTRIDER_DRAFT_FOLDER: folder, OUTRIDER_DRAFT_PORT: String(port) },
    logFile: join(logs, 'draft.log'),
    onRestart: () => {},
  });
  const givenUp = new AbortController();
  const waiting = AbortSignal.any([signal, givenUp.signal]);
  try {
    const found = runningDraft(`${HOST}:${port}`, env, waiting);
    // When the draft has died, nobody waits for its answer any more.
    found.catch(() => {});
    const draft = await Promise.race([found, process.died]);
    process.markReady();
    return { ...draft, stop: () => process.stop() };
  } catch (error) {
    givenUp.abort();
    await process.stop();
    throw error;
  }
}

/** Of a service that may only be starting. */
export async function runningDraft(
  endpoint: string,
  env: NodeJS.ProcessEnv,
  signal: AbortSignal,
): Promise<DraftService> {
  const tls = openTlsFiles(tlsEnvironmentSchema.parse(env));
  const pool = new ChannelPool({ tls });
  const client = new DraftClient(endpoint, pool);
  try {
    await waitUntilServing(endpoint, signal, '', pool);
    const { model: name } = await client.modelInfo(signal);
    return { endpoint, name, tls, stop: async () => {} };
  } finally {
    client.close();
    pool.close();
  }
}
