// `outrider serve` as a user starts it: a child process, its words, its own children, its end.
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { freePorts } from './free-ports.js';
import { until } from './until.js';

const CLI = fileURLToPath(new URL('../../cli/outrider.js', import.meta.url));

export type ServePorts = Readonly<
  Record<
    'OUTRIDER_HTTP_PORT' | 'OUTRIDER_GRPC_PORT' | 'OUTRIDER_VERIFIER_PORT' | 'OUTRIDER_DRAFT_PORT',
    string
  >
>;

export async function freeServePorts(): Promise<ServePorts> {
  const [http, grpc, verifier, draft] = (await freePorts(4)).map(String) as [string, string, string, string];
  return {
    OUTRIDER_HTTP_PORT: http,
    OUTRIDER_GRPC_PORT: grpc,
    OUTRIDER_VERIFIER_PORT: verifier,
    OUTRIDER_DRAFT_PORT: draft,
  };
}

export class ServeProcess {
  /** stdout and stderr, as they came. */
  output = '';
  private readonly child: ChildProcess;
  private readonly exited: Promise<unknown>;

  constructor(env: NodeJS.ProcessEnv, args: readonly string[] = []) {
    this.child = spawn(process.execPath, [CLI, 'serve', ...args], {
      env: { ...process.env, ...env },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    const stopWithUs = () => this.child.kill('SIGTERM');
    process.once('exit', stopWithUs);
    this.child.once('exit', () => process.off('exit', stopWithUs));
    this.exited = once(this.child, 'close');
    for (const stream of [this.child.stdout!, this.child.stderr!])
      stream.on('data', (chunk: Buffer) => {
        this.output += chunk.toString();
      });
  }

  /** Waits for the last line of the welcome; fails with what was said if the process ends first. */
  async ready(): Promise<void> {
    await until(
      'outrider serve is ready',
      () => {
        if (this.child.exitCode !== null) throw new Error(`outrider serve ended:\n${this.output}`);
        return this.output.includes('Stop with Ctrl-C.');
      },
      60_000,
    );
  }

  /** Process ids of the services. */
  children(): number[] {
    const { pid } = this.child;
    return readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8')
      .trim()
      .split(/\s+/)
      .filter(Boolean)
      .map(Number);
  }

  /** Sends the signal, if one is given, and waits for the end; the exit code. */
  async end(signal?: NodeJS.Signals): Promise<number | null> {
    if (signal !== undefined) this.child.kill(signal);
    await this.exited;
    return this.child.exitCode;
  }
}

export function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}
