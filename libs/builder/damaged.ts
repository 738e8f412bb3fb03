// The one shape of a reader's complaint: the file, what is wrong with it, and what to do next.
import { AppError } from '#libs/errors/index.js';

/** An error for a file that cannot be what it claims to be. */
export function damaged(file: string, problem: string, cause?: unknown): AppError {
  const next = 'Download the checkpoint again, or choose another one.';
  return new AppError('failed_precondition', `${file}: ${problem}. ${next}`, { cause });
}

/** An error for a sound file that this builder has no graph, reader or option for. */
export function unsupported(file: string, problem: string): AppError {
  const next = 'Choose a checkpoint without this feature.';
  return new AppError('failed_precondition', `${file}: ${problem}. ${next}`);
}
