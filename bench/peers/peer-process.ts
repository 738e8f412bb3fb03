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

/** What a peer says when it is ready. */
export interface PeerReady {
  readonly version: string;
  /** How it holds the weights. */
  readonly form: string;
  readonly modes: readonly string[];
}

/** For a model to load, and for an answer. */
const LIMIT_MS = 180_000;

export class PeerProcess {
  private constructor(
    private readonly child: ChildProcessWithoutNullStreams,
    private readonly nextLine: () => Promise<string>,
    readonly ready: PeerReady,
  ) {}

  /** Rejects with the last line that the process wrote if it ends before it is ready. */
  static async start(command: string, args: readonly string[]): Promise<PeerProcess> {
    const child = spawn(command, [...args]);
    process.once('exit', () => child.kill('SIGKILL'));
    child.stdin.on('error', () => {});
    const nextLine = linesOf(child);
    return new PeerProcess(child, nextLine, JSON.parse(await nextLine()) as PeerReady);
  }

  /** Rejects as `start`. */
  async ask(mode: string, { tokens, maxTokens }: PeerQuestion): Promise<PeerAnswer> {
    this.child.stdin.write(`${JSON.stringify({ mode, tokens, max_tokens: maxTokens })}\n`);
    const answer = JSON.parse(await this.nextLine()) as {
      tokens: number[];
      first_ms: number;
      total_ms: number;
    };
    return { tokens: answer.tokens, firstMs: answer.first_ms, totalMs: answer.total_ms };
  }

  stop(): void {
    this.child.kill('SIGKILL');
  }
}

/** Each call gives the next line of its output; a process that takes too long is ended. */
function linesOf(child: ChildProcessWithoutNullStreams): () => Promise<string> {
  let said = '';
  child.stderr.on('data', (chunk) => (said = `${said}${chunk}`.slice(-4000)));
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  const ended = new Promise<never>((_, reject) => {
    child.once('error', reject);
    child.once('close', () => reject(new Error(said.trim().split('\n').at(-1) || 'it ended without a word')));
  });
  ended.catch(() => {});
  return async () => {
    const timer = setTimeout(() => {
      said += `\nno answer within ${LIMIT_MS / 1000} s`;
      child.kill('SIGKILL');
    }, LIMIT_MS);
    try {
      const line = await Promise.race([lines.next(), ended]);
      return line.done ? await ended : line.value;
    } finally {
      clearTimeout(timer);
    }
  };
}
