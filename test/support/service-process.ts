// One service as a process of its own, as compose starts it: told everything by its environment, on ports it picks
// itself and says in its log. Ends with the test process at the latest.
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';

/** What a service logs when it is ready: its address, or the gateway's two ports. */
interface ReadyLine {
  readonly endpoint?: string;
  readonly http?: number;
  readonly grpc?: number;
}

export class ServiceProcess {
  private constructor(
    private readonly child: ChildProcess,
    private readonly ready: ReadyLine,
    readonly log: readonly string[],
  ) {}

  /**
   * Resolves when the service is ready; rejects with its last words if it ends before.
   * @param servicesFolder Compiled; another build's, to compare with.
   */
  static async start(
    role: 'draft' | 'verifier' | 'gateway',
    env: NodeJS.ProcessEnv,
    servicesFolder = fileURLToPath(new URL('../../services', import.meta.url)),
  ): Promise<ServiceProcess> {
    return ServiceProcess.run(join(servicesFolder, role, 'main.js'), role, env);
  }

  /** A program that says when it is ready as services do. */
  static async run(main: string, role: string, env: NodeJS.ProcessEnv): Promise<ServiceProcess> {
    const child = spawn(process.execPath, [main], {
      env: { ...process.env, ...env, OUTRIDER_LOG_LEVEL: 'info' },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    const killWithUs = () => child.kill('SIGKILL');
    process.once('exit', killWithUs);
    child.once('exit', () => process.off('exit', killWithUs));
    const log: string[] = [];
    const ready = await new Promise<ReadyLine>((resolve, reject) => {
      child.once('exit', (code, signal) =>
        reject(
          new Error(
            `The ${role} ended (${signal ?? code}) before it was ready:\n${log.slice(-20).join('\n')}`,
          ),
        ),
      );
      createInterface({ input: child.stderr! }).on('line', (line) => log.push(line));
      createInterface({ input: child.stdout! }).on('line', (line) => {
        log.push(line);
        const said = readyLine(line);
        if (said !== undefined) resolve(said);
      });
    });
    return new ServiceProcess(child, ready, log);
  }

  /** host:port of a draft or verifier. */
  get endpoint(): string {
    if (this.ready.endpoint === undefined) throw new Error('A gateway has two ports, not one endpoint.');
    return this.ready.endpoint;
  }

  get pid(): number {
    return this.child.pid!;
  }

  /** Of a gateway. */
  get url(): string {
    return `http://127.0.0.1:${this.ready.http}`;
  }

  get isRunning(): boolean {
    return this.child.exitCode === null && this.child.signalCode === null;
  }

  /** SIGSTOP: connections stay, nothing answers; SIGCONT: it goes on. */
  freeze(): void {
    this.child.kill('SIGSTOP');
  }

  thaw(): void {
    this.child.kill('SIGCONT');
  }

  /** Sends the signal at once; resolves with the exit code (null: ended by the signal). */
  async end(signal: NodeJS.Signals): Promise<number | null> {
    if (!this.isRunning) return this.child.exitCode;
    const exited = once(this.child, 'exit');
    this.child.kill(signal);
    await exited;
    return this.child.exitCode;
  }
}

function readyLine(line: string): ReadyLine | undefined {
  if (!line.startsWith('{')) return undefined;
  const said = JSON.parse(line) as ReadyLine & { readonly msg?: string };
  return said.msg === 'ready' || said.msg === 'gateway ready for requests' ? said : undefined;
}
