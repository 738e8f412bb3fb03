// Why a journal can't be opened with a key.
import { AppError } from '#libs/errors/index.js';

const FIELD = { field: 'Idempotency-Key' };

export function keyReused(): AppError {
  const message =
    'Idempotency-Key: another request was sent with this key; a retry must be the same request, a new one needs a key of its own.';
  return new AppError('idempotency_key_reused', message, FIELD);
}

export function answerNotKept(): AppError {
  const message =
    'Idempotency-Key: the answer to this key was too large to be kept, so it can be neither replayed nor gone on with; use another key.';
  return new AppError('answer_not_kept', message, FIELD);
}
