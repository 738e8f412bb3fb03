// A real Redis for tests: on 127.0.0.1, on a free port, without persistence, gone with the test process.
import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { accessSync, constants, existsSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { Redis } from 'ioredis';

export interface TestRedis {
  readonly url: string;
  /** Ends it in good order and removes its folder. */
  stop(): Promise<void>;
  /** SIGKILL, as a crash would. */
  kill(): Promise<void>;
  /** Starts it again on the same port, empty; kills it first if it still runs. */
  restart(): Promise<void>;
  readonly isRunning: boolean;
  /** Removes every key. */
  empty(): Promise<void>;
  /** SIGSTOP: connections stay open and nothing answers, as behind a broken network. */
  freeze(): void;
  thaw(): void;
}

/**
 * @param settings More command line settings, e.g. ["--cluster-enabled", "yes"].
 * @param configFile Read first, and written to by a Sentinel.
 */
export async function startRedis(settings: readonly string[] = [], configFile?: string): Promise<TestRedis> {
  const more = [settings, configFile] as const;
  const binary = findOrInstall();
  const folder = await mkdtemp(join(tmpdir(), 'outrider-redis-'));
  const port = await freePort();
  let server = await launch(binary, port, folder, ...more);
  const kill = () => end(server, 'SIGKILL');
  return {
    url: `redis://127.0.0.1:${port}`,
    kill,
    async stop() {
      server.kill('SIGCONT');
      await end(server, 'SIGTERM');
      await rm(folder, { recursive: true, force: true });
    },
    async restart() {
      await kill();
      server = await launch(binary, port, folder, ...more);
    },
    get isRunning() {
      return server.exitCode === null && server.signalCode === null;
    },
    async empty() {
      const admin = new Redis(port, '127.0.0.1');
      await admin.flushall();
      admin.disconnect();
    },
    freeze: () => void server.kill('SIGSTOP'),
    thaw: () => void server.kill('SIGCONT'),
  };
}

async function launch(
  binary: string,
  port: number,
  folder: string,
  more: readonly string[],
  configFile?: string,
): Promise<ChildProcess> {
  const first = configFile === undefined ? [] : [configFile];
  const settings = [
    ...first,
    '--port',
    String(port),
    '--bind',
    '127.0.0.1',
    '--save',
    '',
    '--appendonly',
    'no',
  ];
  const server = spawn(binary, [...settings, '--dir', folder, ...more], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const killWithUs = () => server.kill('SIGKILL');
  process.once('exit', killWithUs);
  server.once('exit', () => process.off('exit', killWithUs));
  let output = '';
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.once('exit', (code) => reject(new Error(`redis-server ended with ${code}:\n${output}`)));
    server.stdout.on('data', (chunk) => {
      output += chunk;
      if (/Ready to accept connections|monitor master/.test(output)) resolve();
    });
  });
  server.stdout.removeAllListeners('data').resume();
  return server;
}

async function end(server: ChildProcess, signal: NodeJS.Signals): Promise<void> {
  if (server.exitCode !== null || server.signalCode !== null) return;
  const exited = once(server, 'exit');
  server.kill(signal);
  await exited;
}

function findOrInstall(): string {
  const found = findOnPath();
  if (found !== undefined) return found;
  if (process.getuid?.() === 0 && existsSync('/etc/debian_version')) {
    console.error(
      'redis-server is not installed: running "apt-get install redis-server" for the tests that need it.',
    );
    execFileSync('apt-get', ['update'], { stdio: 'ignore' });
    const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive' };
    execFileSync('apt-get', ['install', '-y', '--no-install-recommends', 'redis-server'], {
      stdio: 'ignore',
      env,
    });
    const installed = findOnPath();
    if (installed !== undefined) return installed;
  }
  throw new Error(
    'These tests need redis-server on the PATH: install it with "sudo apt-get install redis-server" (Debian, Ubuntu) ' +
      'or "brew install redis" (macOS).',
  );
}

function findOnPath(): string | undefined {
  const folders = (process.env.PATH ?? '').split(delimiter);
  return folders.map((folder) => join(folder, 'redis-server')).find(isExecutable);
}

function isExecutable(file: string): boolean {
  try {
    accessSync(file, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}

async function freePort(): Promise<number> {
  const probe = createServer().listen(0, '127.0.0.1');
  await once(probe, 'listening');
  const address = probe.address();
  probe.close();
  await once(probe, 'close');
  if (address === null || typeof address === 'string') throw new Error('No port to be had on 127.0.0.1.');
  return address.port;
}
