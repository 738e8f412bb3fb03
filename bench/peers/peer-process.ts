// A peer as a process of its own that answers JSON lines; one that cannot be started is listed with its reason.
import { type ChildProcessWithoutNullStreams, spawn } from 'node:child_process';
import { createInterface } from 'node:readline';

export interface PeerAnswer {
  readonly tokens: readonly number[];
  readonly firstMs: number;
  readonly totalMs: number;
}

export interface PeerQuestion {
  readonly tokens: readonly number[];
  readonly maxTokens: number;
}

/** For a model to load. */
const START_MS = 180_000;

export class PeerProcess {
  private constructor(
    private readonly child: ChildProcessWithoutNullStreams,
    private readonly lines: AsyncIterator<string>,
    readonly version: string,
    readonly modes: readonly string[],
  ) {}

  /** Rejects with the last line that the process wrote if it ends before it is ready. */
  static async start(command: string, args: readonly string[]): Promise<PeerProcess> {
    const child = spawn(command, [...args]);
    const killWithUs = () => child.kill('SIGKILL');
    process.once('exit', killWithUs);
    let said = '';
    child.stderr.on('data', (chunk) => (said = `${said}${chunk}`.slice(-4000)));
    child.stdin.on('error', () => {});
    const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
    const ended = new Promise<never>((_, reject) => {
      child.once('error', reject);
      child.once('close', () =>
        reject(new Error(said.trim().split('\n').at(-1) || 'it ended without a word')),
      );
    });
    const timer = setTimeout(killWithUs, START_MS);
    try {
      const first = await Promise.race([lines.next(), ended]);
      if (first.done) await ended;
      const { version, modes } = JSON.parse(first.value as string) as { version: string; modes: string[] };
      ended.catch(() => {});
      return new PeerProcess(child, lines, version, modes);
    } finally {
      clearTimeout(timer);
    }
  }

  async ask(mode: string, { tokens, maxTokens }: PeerQuestion): Promise<PeerAnswer> {
    this.child.stdin.write(`${JSON.stringify({ mode, tokens, max_tokens: maxTokens })}\n`);
    const line = await this.lines.next();
    if (line.done) throw new Error(`${this.version} ended in the middle of the run.`);
    const answer = JSON.parse(line.value) as { tokens: number[]; first_ms: number; total_ms: number };
    return { tokens: answer.tokens, firstMs: answer.first_ms, totalMs: answer.total_ms };
  }

  stop(): void {
    this.child.kill('SIGKILL');
  }
}
