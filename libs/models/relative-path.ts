// Paths that come from files we did not write (catalog, manifest): only downwards, with forward slashes, no tricks.
import { z } from 'zod';

/** Whether `path` names something strictly below the folder it is joined to, on every platform. */
export function isSafeRelativePath(path: string): boolean {
  if (path.length === 0 || path.length > 500) return false;
  return path.split('/').every((part) => /^[\w@+][\w@+. -]*$/.test(part) && !/[. ]$/.test(part));
}

export const relativePathSchema = z.string().refine(isSafeRelativePath, {
  error: 'must be a relative path below its folder, with forward slashes',
});
