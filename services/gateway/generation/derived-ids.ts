// Ids of an answer's parts, made of the answer's own: nobody can guess them, and a replay has the same.
import { createHash } from 'node:crypto';

/** @param of an id that nobody can guess. */
export function derivedIds(of: string): (prefix: string) => string {
  let count = 0;
  return (prefix) => {
    const digest = createHash('sha256').update(`${of} ${count++}`).digest('hex');
    return `${prefix}${digest.slice(0, 32)}`;
  };
}
