// Runs another program without a shell and keeps only the end of what it says.
import { spawn } from 'node:child_process';

export interface CommandResult {
  /** null: ended by a signal. */
  readonly exitCode: number | null;
  /** The last few thousand characters of both outputs, as they came. */
  readonly output: string;
}

/** Rejects when the program cannot be started (code ENOENT: it does not exist) or `signal` aborts. */
export type CommandRunner = (
  command: string,
  args: readonly string[],
  signal?: AbortSignal,
) => Promise<CommandResult>;

const KEPT_CHARACTERS = 4000;

export const runCommand: CommandRunner = (command, args, signal) =>
  new Promise((resolve, reject) => {
    const child = spawn(command, args, {
      stdio: ['ignore', 'pipe', 'pipe'],
      windowsHide: true,
      ...(signal && { signal }),
    });
    let output = '';
    const keep = (chunk: string) => {
      output = (output + chunk).slice(-KEPT_CHARACTERS);
    };
    child.stdout.setEncoding('utf8').on('data', keep);
    child.stderr.setEncoding('utf8').on('data', keep);
    child.once('error', reject);
    child.once('close', (exitCode) => resolve({ exitCode, output }));
  });
