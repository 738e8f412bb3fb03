// The frame of every main.ts: a signal to end by, and one line that says why a process could not start.
import { AppError } from '#libs/errors/index.js';

/** Runs until `main` ends; SIGTERM or SIGINT abort the signal it is given. Sets the exit code. */
export async function runMain(main: (stop: AbortSignal) => Promise<void>): Promise<void> {
  const controller = new AbortController();
  for (const name of ['SIGTERM', 'SIGINT'] as const) process.on(name, () => controller.abort());
  try {
    await main(controller.signal);
  } catch (thrown) {
    const error = AppError.from(thrown);
    process.stderr.write(`${error.code === 'internal' ? (error.stack ?? error.message) : error.message}\n`);
    process.exitCode = 1;
  }
}
