// Session ids come from clients: any string, capped, and never part of a key as it is.
import { createHash } from 'node:crypto';
import { AppError } from '#libs/errors/index.js';

export const MAX_SESSION_ID_LENGTH = 512;

/** Throws `invalid_argument` unless the id is a string of 1 … MAX_SESSION_ID_LENGTH UTF-16 units. */
export function assertSessionId(sessionId: string): void {
  if (typeof sessionId === 'string' && sessionId.length > 0 && sessionId.length <= MAX_SESSION_ID_LENGTH)
    return;
  throw new AppError(
    'invalid_argument',
    `session_id must be a string of 1 to ${MAX_SESSION_ID_LENGTH} characters; send a shorter one or leave it out.`,
    { field: 'session_id' },
  );
}

/** 64 hex digits. Hashes UTF-16 and not UTF-8, which would make one of all lone surrogates. */
export function hashSessionId(sessionId: string): string {
  return createHash('sha256').update(Buffer.from(sessionId, 'utf16le')).digest('hex');
}
