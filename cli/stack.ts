// The three services as processes of one machine: the verifier, the draft and the gateway, started together, waited for,
// restarted when they die, stopped in the order that loses nothing. Used by `outrider serve`, the bench and the tests.
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { ChannelPool, openTlsFiles, tlsEnvironmentSchema, waitUntilServing } from '#libs/rpc/index.js';
import { assertPortsFree } from './free-ports.js';
import { SupervisedProcess } from './supervised-process.js';

export interface StackOptions {
  readonly home: string;
  readonly targetFolder: string;
  readonly draftFolder: string;
  readonly ports: StackPorts;
  /** Further variables for the services, e.g. OUTRIDER_LOG_LEVEL. */
  readonly env: NodeJS.ProcessEnv;
  readonly onRestart: (name: string, code: number | string | null) => void;
  /** Longest wait before a dead service is restarted; default 5000. */
  readonly maxRestartDelayMs?: number;
}

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
const STOP_ORDER: readonly StackRole[] = ['gateway', 'verifier', 'draft'];

/**
 * @throws AppError failed_precondition that names a port in use; unavailable with the last words of a service that ended
 * before it was ready.
 */
export async function startStack(options: StackOptions, signal: AbortSignal): Promise<Stack> {
  await assertPortsFree(HOST, namedPorts(options.ports));
  const logs = join(options.home, 'logs');
  await mkdir(logs, { recursive: true });
  const gatewayEnv = { ...options.env, ...serviceEnvironment(options) };
  // Clients' keys are the gateway's business alone.
  const { OUTRIDER_API_KEYS, ...workerEnv } = gatewayEnv;
  const processes = new Map<StackRole, SupervisedProcess>();
  // A service that died is no longer waited for, or the waiting would keep this process alive.
  const givenUp = new AbortController();
  const waiting = AbortSignal.any([signal, givenUp.signal]);
  const stop = async (): Promise<void> => {
    for (const role of STOP_ORDER) await processes.get(role)?.stop();
  };
  try {
    for (const role of ['draft', 'verifier', 'gateway'] as const) {
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

function namedPorts({ http, grpc, verifier, draft }: StackPorts) {
  return [
    { port: http, variable: 'OUTRIDER_HTTP_PORT' },
    { port: grpc, variable: 'OUTRIDER_GRPC_PORT' },
    { port: verifier, variable: 'OUTRIDER_VERIFIER_PORT' },
    { port: draft, variable: 'OUTRIDER_DRAFT_PORT' },
  ];
}

function serviceEnvironment({ targetFolder, draftFolder, ports }: StackOptions): NodeJS.ProcessEnv {
  return {
    OUTRIDER_HOST: HOST,
    OUTRIDER_MODEL_FOLDER: targetFolder,
    OUTRIDER_DRAFT_FOLDER: draftFolder,
    OUTRIDER_HTTP_PORT: String(ports.http),
    OUTRIDER_GRPC_PORT: String(ports.grpc),
    OUTRIDER_VERIFIER_PORT: String(ports.verifier),
    OUTRIDER_DRAFT_PORT: String(ports.draft),
    OUTRIDER_VERIFIERS: `${HOST}:${ports.verifier}`,
    OUTRIDER_DRAFTS: `${HOST}:${ports.draft}`,
  };
}

async function allReady({ ports, env }: StackOptions, signal: AbortSignal): Promise<void> {
  const pool = new ChannelPool({ tls: openTlsFiles(tlsEnvironmentSchema.parse(env)) });
  try {
    await Promise.all([
      waitUntilServing(`${HOST}:${ports.draft}`, signal, '', pool),
      waitUntilServing(`${HOST}:${ports.verifier}`, signal, '', pool),
    ]);
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
