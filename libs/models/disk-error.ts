// Failures of this machine's disk: no other source would help, so they end a pull instead of moving on to the next.
import { AppError } from '#libs/errors/index.js';

const NEXT_STEP: Readonly<Record<string, string>> = {
  ENOSPC: 'the disk is full; free some space',
  EDQUOT: 'the disk quota is used up; free some space',
  EROFS: 'the file system is read-only; set OUTRIDER_HOME to a folder that can be written',
  EACCES: 'permission is denied; set OUTRIDER_HOME to a folder that you may write',
  EPERM: 'permission is denied; set OUTRIDER_HOME to a folder that you may write',
  EMFILE: 'too many files are open; raise the limit (ulimit -n)',
};

/** An error thrown while writing `file`, in words. Errors that are already AppErrors pass unchanged. */
export function diskError(error: unknown, file: string): AppError {
  if (error instanceof AppError) return error;
  const code = (error as NodeJS.ErrnoException | undefined)?.code ?? '';
  const reason = NEXT_STEP[code] ?? (error instanceof Error ? error.message : String(error));
  return new AppError('failed_precondition', `Cannot write ${file}: ${reason}.`, { cause: error });
}
