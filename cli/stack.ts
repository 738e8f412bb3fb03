// The services as processes of one machine: the verifier, the draft and the gateway, started together, waited for,
// restarted when they die, stopped in the order that loses nothing. Used by `outrider serve`, the bench and the tests.
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { ChannelPool, openTlsFiles, tlsEnvironmentSchema, waitUntilServing } from '#libs/rpc/index.js';
import { assertPortsFree } from './free-ports.js';
import { HUGE_PAGES } from './huge-pages.js';
import { SupervisedProcess } from './supervised-process.js';

export interface StackOptions {
  readonly home: string;
  readonly targetFolder: string;
  readonly draftFolder: string;
  readonly draftIn: DraftPlace;
  readonly ports: StackPorts;
  /** Further variables for the services, e.g. OUTRIDER_LOG_LEVEL. */
  readonly env: NodeJS.ProcessEnv;
  readonly onRestart: (name: string, code: number | string | null) => void;
  /** Longest wait before a dead service is restarted; default 5000. */
  readonly maxRestartDelayMs?: number;
}

/** In the verifier's thread, where no message is waited for, or in a process of its own (docs/decisions/0032). */
export type DraftPlace = 'verifier' | 'process';

export interface StackPorts {
  readonly http: number;
  readonly grpc: number;
  readonly verifier: number;
  readonly draft: number;
}

export type StackRole = 'gateway' | 'verifier' | 'draft';

export interface Stack {
  readonly url: string;
  readonly grpc: string;
  pid(role: StackRole): number | undefined;
  stop(): Promise<void>;
}

const HOST = '127.0.0.1';
const START_ORDER: readonly StackRole[] = ['draft', 'verifier', 'gateway'];

/**
 * @throws AppError failed_precondition that names a port in use; unavailable with the last words of a service that ended
 * before it was ready.
 */
export async function startStack(options: StackOptions, signal: AbortSignal): Promise<Stack> {
  const roles = START_ORDER.filter((role) => role !== 'draft' || options.draftIn === 'process');
  await assertPortsFree(HOST, namedPorts(options));
  const logs = join(options.home, 'logs');
  await mkdir(logs, { recursive: true });
  const gatewayEnv = { ...options.env, ...serviceEnvironment(options) };
  // Clients' keys are the gateway's business alone.
  const { OUTRIDER_API_KEYS, ...others } = gatewayEnv;
  const workerEnv = { ...HUGE_PAGES, ...others };
  const processes = new Map<StackRole, SupervisedProcess>();
  // A service that died is no longer waited for, or the waiting would keep this process alive.
  const givenUp = new AbortController();
  const waiting = AbortSignal.any([signal, givenUp.signal]);
  const stop = async (): Promise<void> => {
    for (const role of roles.toReversed()) await processes.get(role)?.stop();
  };
  try {
    for (const role of roles) {
      const module = fileURLToPath(new URL(`../services/${role}/main.js`, import.meta.url));
      const logFile = join(logs, `${role}.log`);
      const { onRestart, maxRestartDelayMs } = options;
      const env = role === 'gateway' ? gatewayEnv : workerEnv;
      processes.set(
        role,
        new SupervisedProcess({ name: role, module, env, logFile, onRestart, maxRestartDelayMs }),
      );
    }
    await Promise.race([allReady(options, waiting), ...[...processes.values()].map((p) => p.died)]);
  } catch (error) {
    givenUp.abort();
    await stop();
    throw error;
  }
  for (const process of processes.values()) process.markReady();
  return {
    url: `http://${HOST}:${options.ports.http}`,
    grpc: `${HOST}:${options.ports.grpc}`,
    pid: (role) => processes.get(role)?.pid,
    stop,
  };
}

function namedPorts({ ports: { http, grpc, verifier, draft }, draftIn }: StackOptions) {
  const ports = [
    { port: http, variable: 'OUTRIDER_HTTP_PORT' },
    { port: grpc, variable: 'OUTRIDER_GRPC_PORT' },
    { port: verifier, variable: 'OUTRIDER_VERIFIER_PORT' },
  ];
  return draftIn === 'verifier' ? ports : [...ports, { port: draft, variable: 'OUTRIDER_DRAFT_PORT' }];
}

function serviceEnvironment({ targetFolder, draftFolder, draftIn, ports }: StackOptions): NodeJS.ProcessEnv {
  return {
    OUTRIDER_HOST: HOST,
    OUTRIDER_MODEL_FOLDER: targetFolder,
    OUTRIDER_HTTP_PORT: String(ports.http),
    OUTRIDER_GRPC_PORT: String(ports.grpc),
    OUTRIDER_VERIFIER_PORT: String(ports.verifier),
    OUTRIDER_DRAFT_PORT: String(ports.draft),
    OUTRIDER_VERIFIERS: `${HOST}:${ports.verifier}`,
    ...(draftIn === 'verifier'
      ? { OUTRIDER_LOCAL_DRAFT_FOLDER: draftFolder, OUTRIDER_DRAFTS: '' }
      : { OUTRIDER_DRAFT_FOLDER: draftFolder, OUTRIDER_DRAFTS: `${HOST}:${ports.draft}` }),
  };
}

async function allReady({ ports, env, draftIn }: StackOptions, signal: AbortSignal): Promise<void> {
  const pool = new ChannelPool({ tls: openTlsFiles(tlsEnvironmentSchema.parse(env)) });
  try {
    const served = draftIn === 'verifier' ? [ports.verifier] : [ports.verifier, ports.draft];
    await Promise.all(served.map((port) => waitUntilServing(`${HOST}:${port}`, signal, '', pool)));
  } finally {
    pool.close();
  }
  await gatewayReady(`http://${HOST}:${ports.http}/ready`, signal);
}

async function gatewayReady(url: string, signal: AbortSignal): Promise<void> {
  for (;;) {
    signal.throwIfAborted();
    const response = await fetch(url, { signal }).catch(() => undefined);
    if (response?.ok) return;
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}
