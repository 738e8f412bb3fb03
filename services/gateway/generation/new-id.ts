// Ids that nobody can guess.
import { randomUUID } from 'node:crypto';

export function newId(prefix: string): string {
  return `${prefix}${randomUUID().replaceAll('-', '')}`;
}
