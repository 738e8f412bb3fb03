// One child process of `outrider serve`: its output goes to a log file, it is restarted when it dies, and stopped with
// SIGTERM, then SIGKILL when it does not listen.
import { type ChildProcess, spawn } from 'node:child_process';
import { createWriteStream, type WriteStream } from 'node:fs';
import { AppError } from '#libs/errors/index.js';

export interface ProcessSpec {
  readonly name: string;
  /** The compiled module to run. */
  readonly module: string;
  readonly env: NodeJS.ProcessEnv;
  readonly logFile: string;
  /** Told when the process died and will be restarted. */
  readonly onRestart: (name: string, code: number | string | null) => void;
  /** Longest wait before a restart; default 5000. */
  readonly maxRestartDelayMs?: number | undefined;
}

const MAX_RESTART_DELAY_MS = 5000;
/** A process that lived this long starts again without delay. */
const STABLE_MS = 10_000;
const KILL_AFTER_MS = 15_000;
const TAIL_BYTES = 2000;

export class SupervisedProcess {
  private child: ChildProcess | undefined;
  private stopping = false;
  private ready = false;
  private failures = 0;
  private restartTimer: NodeJS.Timeout | undefined;
  private tail = '';
  private readonly log: WriteStream;
  private reject: (error: AppError) => void = () => {};
  /** Rejects if the process dies before it was ever ready; never resolves. */
  readonly died: Promise<never>;

  constructor(private readonly spec: ProcessSpec) {
    this.log = createWriteStream(spec.logFile, { flags: 'a' });
    this.died = new Promise<never>((_, reject) => {
      this.reject = reject;
    });
    this.died.catch(() => {});
    this.launch();
  }

  get pid(): number | undefined {
    return this.child?.pid;
  }

  /** From now on a death is followed by a restart. */
  markReady(): void {
    this.ready = true;
  }

  async stop(): Promise<void> {
    this.stopping = true;
    clearTimeout(this.restartTimer);
    const { child } = this;
    if (child !== undefined && child.exitCode === null && child.signalCode === null) {
      const exited = new Promise((resolve) => child.once('exit', resolve));
      child.kill('SIGTERM');
      const killer = setTimeout(() => child.kill('SIGKILL'), KILL_AFTER_MS);
      await exited;
      clearTimeout(killer);
    }
    await new Promise((resolve) => this.log.end(resolve));
  }

  private launch(): void {
    const startedMs = performance.now();
    const child = spawn(process.execPath, ['--enable-source-maps', this.spec.module], {
      env: this.spec.env,
      // Its own group: Ctrl-C reaches the supervisor alone, which then stops the services in order.
      detached: true,
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    this.child = child;
    for (const stream of [child.stdout, child.stderr]) {
      stream?.on('data', (chunk: Buffer) => {
        this.log.write(chunk);
        this.tail = (this.tail + chunk.toString()).slice(-TAIL_BYTES);
      });
    }
    child.once('exit', (code, signal) => {
      if (this.stopping) return;
      if (!this.ready) this.reject(this.neverReady(signal ?? code));
      else this.scheduleRestart(signal ?? code, performance.now() - startedMs);
    });
  }

  private scheduleRestart(code: number | string | null, livedMs: number): void {
    if (livedMs > STABLE_MS) this.failures = 0;
    const limitMs = this.spec.maxRestartDelayMs ?? MAX_RESTART_DELAY_MS;
    const delayMs = this.failures === 0 ? 0 : Math.min(250 * 2 ** this.failures, limitMs);
    this.failures++;
    this.spec.onRestart(this.spec.name, code);
    this.restartTimer = setTimeout(() => this.launch(), delayMs);
  }

  private neverReady(code: number | string | null): AppError {
    const { name, logFile } = this.spec;
    return new AppError(
      'unavailable',
      `The ${name} ended (${code}) before it was ready. Its last words, more in ${logFile}:\n${this.tail.trim()}`,
    );
  }
}
